// A chat app made of a UI kit's parts: a list of conversations, and the one that was chosen.
// Query: uid, host (of the API, with its path), socket (0 for none).
import React, {useState} from "react";
import {createRoot} from "react-dom/client";
import {kit} from "chosen-kit";

// A promise that nobody waits for tells its code only here.
window.addEventListener("unhandledrejection", ({reason}) => console.error("unhandled:", reason?.code));

const query = new URLSearchParams(location.search);

function Chat({conversation}) {
  const peer = conversation.getConversationWith();
  const of = conversation.getConversationType() === "group" ? {group: peer} : {user: peer};
  return (
    <div id="chat" style={{flex: 1, minWidth: 0}}>
      <div style={{height: 72}}><kit.Header {...of} /></div>
      <div style={{height: "calc(100vh - 180px)", overflow: "hidden"}}><kit.Messages {...of} /></div>
      <div style={{height: 108}}><kit.Composer {...of} /></div>
    </div>
  );
}

function App() {
  const [chosen, choose] = useState(null);
  return (
    <div style={{display: "flex", height: "100vh"}}>
      <div id="sidebar" style={{width: 400, height: "100vh", overflow: "hidden"}}>
        <kit.Conversations onItemClick={choose} activeConversation={chosen ?? undefined} />
      </div>
      {chosen && <Chat key={chosen.getConversationId()} conversation={chosen} />}
    </div>
  );
}

async function start() {
  const settings = new kit.Settings()
    .setAppId("any-app-id")
    .setRegion("us")
    .setAuthKey("auth-only")
    .subscribePresenceForAllUsers()
    .setAutoEstablishSocketConnection(query.get("socket") !== "0");
  settings.setAdminHost(query.get("host"));
  settings.setClientHost(query.get("host"));
  await kit.UIKit.init(settings.build());
  await kit.UIKit.login(query.get("uid"));
  createRoot(document.getElementById("root")).render(<kit.Frame><App /></kit.Frame>);
}

start().catch((problem) => console.error("the page did not start:", problem?.code, problem?.message));
