// What applications of two users see of each other over the socket, one check for each; later ones build on earlier
// ones. The mock starts in the world `default`; `ana` logs in with the first two copies of the SDK, `bo` with the third.
import assert from "node:assert/strict";
import {settled} from "./client.mjs";

const WITHIN_MS = 5000;

/** The first value of `look` that is not undefined or false. */
export async function eventually(look, what) {
  const until = Date.now() + WITHIN_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`not seen within ${WITHIN_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One copy of the SDK for one user, with everything that its listeners were told. */
class App {
  constructor(sdk, appId) {
    this.sdk = sdk;
    this.appId = appId;
    this.heard = [];
  }

  async begin(host) {
    const settings = new this.sdk.AppSettingsBuilder()
      .setRegion("us")
      .subscribePresenceForAllUsers()
      .overrideAdminHost(host)
      .overrideClientHost(host)
      .build();
    await settled(this.sdk.init(this.appId, settings));
    const noted = (names) => Object.fromEntries(names.map((name) => [name, (...args) => this.heard.push([name, ...args])]));
    this.sdk.addMessageListener("test", noted(MESSAGE_EVENTS));
    this.sdk.addUserListener("test", noted(["onUserOnline", "onUserOffline"]));
    this.sdk.addGroupListener("test", noted(GROUP_EVENTS));
    this.sdk.addConnectionListener("test", noted(["onConnected", "onDisconnected"]));
  }

  /** What the event of this name brought, once it came and `is` agrees. */
  told(name, is = () => true) {
    const find = () => this.heard.find(([event, first]) => event === name && is(first));
    return eventually(find, `${name} at ${this.appId}`).then(([, ...rest]) => rest);
  }

  count(name, is = () => true) {
    return this.heard.filter(([event, first]) => event === name && is(first)).length;
  }
}

const MESSAGE_EVENTS = [
  "onTextMessageReceived", "onMediaMessageReceived", "onCustomMessageReceived", "onTypingStarted", "onTypingEnded",
  "onMessagesDelivered", "onMessagesRead", "onMessagesDeliveredToAll", "onMessagesReadByAll", "onMessageEdited",
  "onMessageDeleted", "onTransientMessageReceived",
];
const GROUP_EVENTS = [
  "onGroupMemberJoined", "onGroupMemberLeft", "onGroupMemberKicked", "onGroupMemberBanned", "onGroupMemberUnbanned",
  "onGroupMemberScopeChanged", "onMemberAddedToGroup",
];

const isText = (text) => (message) => message.getText?.() === text;
const isOnline = ({rest}, uid) => async () => (await rest("GET", `/users/${uid}`)).data.status === "online";

/** Send a text as another user through the REST API; gives the message as the API shows it. */
async function sentBy({rest}, uid, receiver, text, type = "user") {
  const body = {receiver, receiverType: type, category: "message", type: "text", data: {text}};
  return (await rest("POST", "/messages", {as: uid, body})).data;
}

export const CHECKS = {
  "log in": async (t) => {
    [t.ana, t.tab, t.bo] = t.sdks.map((sdk, index) => new App(sdk, `app${index}`));
    for (const app of [t.ana, t.bo]) await app.begin(t.host);
    assert.equal((await settled(t.ana.sdk.login("ana", t.authKey))).getUid(), "ana");
    assert.equal((await settled(t.bo.sdk.login("bo", t.authKey))).getUid(), "bo");
    for (const uid of ["ana", "bo"]) await eventually(isOnline(t, uid), `${uid} is online`);
  },
  "a message sent by REST is heard": async (t) => {
    const sent = await sentBy(t, "bo", "ana", "from REST");
    const [message] = await t.ana.told("onTextMessageReceived", isText("from REST"));
    assert.equal(message.getId(), sent.id);
    assert.equal(message.getSender().getName(), "Bo Chen");
    assert.equal(message.getConversationId(), "user_bo");
  },
  "a message sent by the SDK is heard by the other side alone": async (t) => {
    const {TextMessage, RECEIVER_TYPE} = t.bo.sdk;
    await settled(t.bo.sdk.sendMessage(new TextMessage("ana", "from the SDK", RECEIVER_TYPE.USER)));
    await t.ana.told("onTextMessageReceived", isText("from the SDK"));
    assert.equal(t.bo.count("onTextMessageReceived", isText("from the SDK")), 0);
  },
};
