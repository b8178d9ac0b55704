// What applications of two users see of each other over the socket, one check for each; later ones build on earlier
// ones. The mock starts in the world `default`; `ana` logs in with the first two copies of the SDK, `bo` with the third.
import assert from "node:assert/strict";
import {settled} from "./client.mjs";

const WITHIN_MS = 60000; // ends a hang on a loaded machine

/** The first value of `look` that is not undefined or false. */
async function eventually(look, what, withinMs = WITHIN_MS) {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`not seen within ${withinMs} ms: ${what}`);
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
  "onGroupMemberScopeChanged", "onGroupMemberAddedToGroup",
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
    const {data} = await t.rest("GET", `/messages/${sent.id}`, {as: "ana"});
    assert.equal(message.getConversationId(), data.conversationId);
  },
  "a message sent by the SDK is heard by the other side alone": async (t) => {
    const {TextMessage, RECEIVER_TYPE} = t.bo.sdk;
    await settled(t.bo.sdk.sendMessage(new TextMessage("ana", "from the SDK", RECEIVER_TYPE.USER)));
    await t.ana.told("onTextMessageReceived", isText("from the SDK"));
    assert.equal(t.bo.count("onTextMessageReceived", isText("from the SDK")), 0);
  },
  "media and custom messages are heard as what they are": async (t) => {
    const {MediaMessage, CustomMessage, Attachment, MESSAGE_TYPE, RECEIVER_TYPE} = t.bo.sdk;
    const image = new MediaMessage("ana", "", MESSAGE_TYPE.IMAGE, RECEIVER_TYPE.USER);
    const [name, extension, mimeType, url] = ["a.png", "png", "image/png", "https://media.example.com/a.png"];
    image.setAttachment(new Attachment({name, extension, mimeType, url}));
    await settled(t.bo.sdk.sendMediaMessage(image));
    await settled(t.bo.sdk.sendCustomMessage(new CustomMessage("ana", RECEIVER_TYPE.USER, "poll", {question: "When?"})));
    const [media] = await t.ana.told("onMediaMessageReceived");
    const [custom] = await t.ana.told("onCustomMessageReceived");
    assert.equal(media.getAttachments()[0].getUrl(), url);
    assert.deepEqual(custom.getCustomData(), {question: "When?"});
  },
  "typing is heard by the one who is written to": async (t) => {
    const {TypingIndicator, RECEIVER_TYPE} = t.bo.sdk;
    t.bo.sdk.startTyping(new TypingIndicator("ana", RECEIVER_TYPE.USER));
    const [typing] = await t.ana.told("onTypingStarted");
    t.bo.sdk.endTyping(new TypingIndicator("ana", RECEIVER_TYPE.USER));
    await t.ana.told("onTypingEnded");
    assert.equal(typing.getSender().getUid(), "bo");
    assert.equal(typing.getReceiverId(), "ana");
  },
  "a transient message is passed on": async (t) => {
    const {TransientMessage, RECEIVER_TYPE} = t.bo.sdk;
    t.bo.sdk.sendTransientMessage(new TransientMessage("ana", RECEIVER_TYPE.USER, {live: "reaction"}));
    const [heard] = await t.ana.told("onTransientMessageReceived");
    assert.deepEqual(heard.getData(), {live: "reaction"});
  },
  "a receipt that the SDK sends changes the state and is heard": async (t) => {
    const sent = await sentBy(t, "ana", "bo", "for receipts");
    const [message] = await t.bo.told("onTextMessageReceived", isText("for receipts"));
    await settled(t.bo.sdk.markAsDelivered(message));
    const [delivered] = await t.ana.told("onMessagesDelivered", (one) => one.getMessageId() === sent.id);
    await settled(t.bo.sdk.markAsRead(message));
    const [read] = await t.ana.told("onMessagesRead", (one) => one.getMessageId() === sent.id);
    const {data} = await t.rest("GET", `/messages/${sent.id}`, {as: "ana"});
    assert.equal(delivered.getDeliveredAt(), data.deliveredAt);
    assert.equal(read.getReadAt(), data.readAt);
    assert.equal(read.getSender().getUid(), "bo");
    assert.equal(read.getReceiverType(), "user");
  },
  "a receipt by REST is heard": async (t) => {
    const sent = await sentBy(t, "ana", "bo", "read by REST");
    await t.rest("POST", "/users/ana/conversation/delivered", {as: "bo"});
    await t.rest("POST", "/users/ana/conversation/read", {as: "bo"});
    await t.ana.told("onMessagesDelivered", (one) => one.getMessageId() === sent.id);
    await t.ana.told("onMessagesRead", (one) => one.getMessageId() === sent.id);
  },
  "an edit is heard": async (t) => {
    const {TextMessage, RECEIVER_TYPE} = t.bo.sdk;
    const sent = await settled(t.bo.sdk.sendMessage(new TextMessage("ana", "tpyo", RECEIVER_TYPE.USER)));
    const edited = new TextMessage("ana", "typo", RECEIVER_TYPE.USER);
    edited.setId(sent.getId());
    await settled(t.bo.sdk.editMessage(edited));
    const [message] = await t.ana.told("onMessageEdited");
    assert.equal(message.getId(), sent.getId());
    assert.equal(message.getText(), "typo");
    assert.equal(message.getEditedBy(), "bo");
  },
  "a deletion is heard": async (t) => {
    const {TextMessage, RECEIVER_TYPE} = t.bo.sdk;
    const sent = await settled(t.bo.sdk.sendMessage(new TextMessage("ana", "a mistake", RECEIVER_TYPE.USER)));
    await settled(t.bo.sdk.deleteMessage(sent.getId()));
    const [message] = await t.ana.told("onMessageDeleted");
    assert.equal(message.getId(), sent.getId());
    assert.equal(message.getDeletedBy(), "bo");
  },
  "whoever is added to a group hears it and the messages in it": async (t) => {
    const group = {guid: "socket-group", name: "Socket group", type: "public"};
    await t.rest("POST", "/groups", {as: "ana", body: group});
    await t.rest("POST", "/groups/socket-group/members", {as: "ana", body: {participants: ["bo"]}});
    const [, added, by, where] = await t.bo.told("onGroupMemberAddedToGroup");
    assert.deepEqual([added.getUid(), by.getUid(), where.getGuid()], ["bo", "ana", "socket-group"]);
    await sentBy(t, "ana", "socket-group", "to the group", "group");
    const [message] = await t.bo.told("onTextMessageReceived", isText("to the group"));
    assert.equal(message.getReceiver().getName(), "Socket group");
    assert.equal(message.getConversationId(), "group_socket-group");
  },
  "a group's receipt is heard, and that all have read it": async (t) => {
    const [message] = await t.bo.told("onTextMessageReceived", isText("to the group"));
    await settled(t.bo.sdk.markAsRead(message));
    const isIt = (one) => one.getMessageId() === message.getId();
    const [read] = await t.ana.told("onMessagesRead", isIt);
    await t.ana.told("onMessagesReadByAll", isIt);
    assert.equal(read.getReceiverType(), "group");
    assert.equal(read.getReceiver(), "socket-group");
  },
  "typing in a group is heard by its members": async (t) => {
    const {TypingIndicator, RECEIVER_TYPE} = t.bo.sdk;
    t.bo.sdk.startTyping(new TypingIndicator("socket-group", RECEIVER_TYPE.GROUP));
    await t.ana.told("onTypingStarted", (one) => one.getReceiverId() === "socket-group");
  },
  "a change of scope is heard": async (t) => {
    await settled(t.ana.sdk.updateGroupMemberScope("socket-group", "bo", "moderator"));
    const [, who, scope, before] = await t.bo.told("onGroupMemberScopeChanged");
    assert.deepEqual([who.getUid(), scope, before], ["bo", "moderator", "participant"]);
  },
  "kicked, back, banned, allowed again, back and gone": async (t) => {
    await settled(t.ana.sdk.kickGroupMember("socket-group", "bo"));
    const [, kicked] = await t.bo.told("onGroupMemberKicked");
    await settled(t.bo.sdk.joinGroup("socket-group", t.bo.sdk.GROUP_TYPE.PUBLIC));
    const [, joined] = await t.ana.told("onGroupMemberJoined");
    await settled(t.ana.sdk.banGroupMember("socket-group", "bo"));
    const [, banned] = await t.bo.told("onGroupMemberBanned");
    await settled(t.ana.sdk.unbanGroupMember("socket-group", "bo"));
    const [, allowed] = await t.bo.told("onGroupMemberUnbanned");
    await settled(t.bo.sdk.joinGroup("socket-group", t.bo.sdk.GROUP_TYPE.PUBLIC));
    await settled(t.bo.sdk.leaveGroup("socket-group"));
    const [, left] = await t.ana.told("onGroupMemberLeft");
    for (const who of [kicked, joined, banned, allowed, left]) assert.equal(who.getUid(), "bo");
  },
  "calls of the control plane are heard at once": async (t) => {
    await t.control("POST", "/send", {from: "bo", to: "ana", text: "from the control plane"});
    await t.ana.told("onTextMessageReceived", isText("from the control plane"));
    const {data: users} = await t.rest("GET", "/users");
    const {uid} = users.find((user) => !["ana", "bo"].includes(user.uid));
    await t.control("PUT", "/presence", {uid, status: "online"});
    await t.ana.told("onUserOnline", (user) => user.getUid() === uid);
    await t.control("PUT", "/presence", {uid, status: "offline"});
    await t.ana.told("onUserOffline", (user) => user.getUid() === uid);
  },
  "another tab of a user hears what the first one sends": async (t) => {
    await t.tab.begin(t.host);
    await settled(t.tab.sdk.login("ana", t.authKey));
    await eventually(() => t.tab.count("onConnected") > 0, "the tab is connected");
    const {TextMessage, RECEIVER_TYPE} = t.ana.sdk;
    const heard = () => t.tab.count("onTextMessageReceived", isText("from the first tab"));
    const sent = () => t.ana.sdk.sendMessage(new TextMessage("bo", "from the first tab", RECEIVER_TYPE.USER));
    await eventually(async () => (await settled(sent())) && heard() > 0, "the tab hears it");
    assert.equal(t.ana.count("onTextMessageReceived", isText("from the first tab")), 0);
  },
  "a socket that is cut comes back, and hears what comes then": async (t) => {
    const before = t.ana.count("onConnected");
    assert.deepEqual((await t.control("DELETE", "/socket?uid=ana")).cut, ["ana", "ana"]);
    await t.ana.told("onDisconnected");
    await eventually(() => t.ana.count("onConnected") > before, "ana is connected again");
    // Both of ana's applications: each comes back by itself.
    const ofAna = async () => (await t.control("GET", "/socket")).connections.filter((one) => one.uid === "ana");
    await eventually(async () => (await ofAna()).length === 2, "both are logged in again");
    await sentBy(t, "bo", "ana", "after the cut");
    await t.ana.told("onTextMessageReceived", isText("after the cut"));
  },
  "whoever logs out is heard to go, and ends no other tab": async (t) => {
    await settled(t.tab.sdk.logout());
    await settled(t.bo.sdk.logout());
    await t.ana.told("onUserOffline", (user) => user.getUid() === "bo");
    assert.equal(await isOnline(t, "ana")(), true);
  },
};
