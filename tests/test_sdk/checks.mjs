// What an application does with the vendor's SDK, one check for each; later ones build on earlier ones.
// The mock starts in the world `default`, and `ana` is who logs in.
import assert from "node:assert/strict";
import {settled} from "./client.mjs";

/** All pages of a request of the SDK, until one is empty. */
async function allPages(request, next = "fetchNext") {
  const rows = [];
  for (let page = 0; page < 40; page += 1) {
    const found = await settled(request[next]());
    if (found.length === 0) return rows;
    rows.push(...found);
  }
  throw new Error("the pages never end");
}

/** The error code that a promise is rejected with; fails where it is fulfilled. */
async function codeOf(promise) {
  try {
    await settled(promise);
  } catch (problem) {
    return problem.code ?? String(problem);
  }
  throw new Error("not refused");
}

const names = (conversations) => conversations.map((one) => one.getConversationWith().getName());
const conversations = ({CometChat}) => new CometChat.ConversationsRequestBuilder();
const messages = ({CometChat}) => new CometChat.MessagesRequestBuilder();
const textTo = ({CometChat}, uid, text) => new CometChat.TextMessage(uid, text, CometChat.RECEIVER_TYPE.USER);

/** Send as another user through the REST API; gives the message as the API shows it. */
async function sentBy({rest}, uid, receiver, {type = "user", text = "Hello"} = {}) {
  const body = {receiver, receiverType: type, category: "message", type: "text", data: {text}};
  return (await rest("POST", "/messages", {as: uid, body})).data;
}

export const CHECKS = {
  // --- session ---
  "init": async ({CometChat, host}) => {
    const settings = new CometChat.AppSettingsBuilder()
      .setRegion("us")
      .autoEstablishSocketConnection(false)
      .overrideAdminHost(host)
      .overrideClientHost(host)
      .build();
    assert.equal(await settled(CometChat.init("app1", settings)), true);
  },
  "login with an unknown uid is refused": async ({CometChat, authKey}) => {
    assert.equal(await codeOf(CometChat.login("nobody-here", authKey)), "ERR_UID_NOT_FOUND");
  },
  "login with an unknown auth key is refused": async ({CometChat}) => {
    assert.equal(await codeOf(CometChat.login("ana", "no-such-key")), "AUTH_ERR_APIKEY_NOT_FOUND");
  },
  "login with an unknown token is refused": async ({CometChat}) => {
    assert.equal(await codeOf(CometChat.login("no-such-token")), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
  },
  "login with a token": async ({CometChat, rest}) => {
    const {data} = await rest("POST", "/users/ana/auth_tokens", {body: {}});
    const user = await settled(CometChat.login(data.authToken));
    assert.equal(user.getUid(), "ana");
    await settled(CometChat.logout());
  },
  "login with uid and auth key": async ({CometChat, authKey}) => {
    const user = await settled(CometChat.login("ana", authKey));
    assert.equal(user.getUid(), "ana");
    assert.equal(user.getName(), "Ana Lima");
  },
  "the logged-in user": async ({CometChat}) => {
    assert.equal((await settled(CometChat.getLoggedinUser())).getUid(), "ana");
  },
  "conversation settings": async ({CometChat}) => {
    await settled(CometChat.getConversationUpdateSettings());
  },

  // --- the list of conversations ---
  "list in pages to the end": async (t) => {
    const all = await allPages(conversations(t).setLimit(50).build());
    const paged = await allPages(conversations(t).setLimit(2).build());
    assert.ok(all.length >= 10, `only ${all.length} conversations`);
    assert.deepEqual(paged.map((one) => one.getConversationId()), all.map((one) => one.getConversationId()));
    assert.equal(new Set(names(all)).size, all.length);
  },
  "list of one type": async (t) => {
    for (const type of ["user", "group"]) {
      const found = await allPages(conversations(t).setLimit(30).setConversationType(type).build());
      assert.ok(found.length > 0);
      assert.ok(found.every((one) => one.getConversationType() === type));
    }
  },
  "list of those with unread messages": async (t) => {
    const found = await allPages(conversations(t).setLimit(30).setUnread(true).build());
    assert.ok(found.length > 0);
    assert.ok(found.every((one) => one.getUnreadMessageCount() > 0));
  },
  "list with tags": async (t) => {
    const found = await allPages(conversations(t).setLimit(30).withTags(true).build());
    assert.ok(found.some((one) => one.getTags()?.includes("family")));
  },
  "list of those with a tag": async (t) => {
    const found = await allPages(conversations(t).setLimit(30).setTags(["family", "weekend"]).build());
    assert.deepEqual(names(found).length, 2);
  },
  "list of groups with a tag": async (t) => {
    const request = conversations(t).setLimit(30).withUserAndGroupTags(true).setGroupTags(["outdoors"]).build();
    assert.deepEqual(names(await allPages(request)), ["Sunday Hikers"]);
  },
  "list by name": async (t) => {
    const found = await allPages(conversations(t).setLimit(30).setSearchKeyword("hikers").build());
    assert.deepEqual(names(found), ["Sunday Hikers"]);
  },
  "last messages have their senders": async (t) => {
    const found = await allPages(conversations(t).setLimit(50).build());
    const last = found.map((one) => one.getLastMessage()).filter((one) => one && one.getId?.());
    assert.ok(last.length > 5);
    assert.ok(last.every((one) => one.getSender().getName()));
  },

  // --- one conversation ---
  "get a user's conversation": async ({CometChat}) => {
    const found = await settled(CometChat.getConversation("bo", "user"));
    assert.equal(found.getConversationWith().getUid(), "bo");
    assert.equal(found.getUnreadMessageCount(), 3);
  },
  "get a group's conversation": async ({CometChat}) => {
    const found = await settled(CometChat.getConversation("hikers", "group"));
    assert.equal(found.getConversationWith().getGuid(), "hikers");
    assert.equal(found.getConversationWith().getHasJoined(), true);
  },
  "tag and clear tags": async ({CometChat}) => {
    assert.deepEqual((await settled(CometChat.tagConversation("bo", "user", ["a", "b"]))).getTags(), ["a", "b"]);
    await settled(CometChat.tagConversation("bo", "user", []));
  },
  "mark as delivered": async ({CometChat}) => {
    await settled(CometChat.markConversationAsDelivered("bo", "user"));
    assert.equal((await settled(CometChat.getConversation("bo", "user"))).getUnreadMessageCount(), 3);
  },
  "unread counts": async ({CometChat}) => {
    const counts = await settled(CometChat.getUnreadMessageCount());
    assert.equal(counts.users.bo, 3);
    assert.equal(counts.groups.hikers, 2);
    assert.deepEqual(Object.keys(await settled(CometChat.getUnreadMessageCountForAllGroups())).includes("bo"), false);
    assert.equal((await settled(CometChat.getUnreadMessageCountForAllUsers())).bo, 3);
    assert.equal((await settled(CometChat.getUnreadMessageCountForUser("bo"))).bo, 3);
    assert.equal((await settled(CometChat.getUnreadMessageCountForGroup("hikers"))).hikers, 2);
  },
  "mark as read": async ({CometChat}) => {
    await settled(CometChat.markConversationAsRead("bo", "user"));
    assert.equal((await settled(CometChat.getConversation("bo", "user"))).getUnreadMessageCount(), 0);
    assert.equal((await settled(CometChat.getUnreadMessageCount())).users.bo, undefined);
  },
  "mark a message as unread": async (t) => {
    const {CometChat} = t;
    await sentBy(t, "bo", "ana", {text: "First"});
    await sentBy(t, "bo", "ana", {text: "Second"});
    await settled(CometChat.markConversationAsRead("bo", "user"));
    const request = messages(t).setUID("bo").setLimit(2).build();
    const [first] = await settled(request.fetchPrevious());
    const found = await settled(CometChat.markMessageAsUnread(first));
    assert.ok(found.getUnreadMessageCount() >= 1);
    await settled(CometChat.markConversationAsRead("bo", "user"));
  },
  "a mentioned user sees it": async (t) => {
    await sentBy(t, "bo", "ana", {text: "Look here, <@uid:ana>"});
    const found = await settled(t.CometChat.getConversation("bo", "user"));
    assert.equal(found.getUnreadMentionsCount(), 1);
    await settled(t.CometChat.markConversationAsRead("bo", "user"));
  },

  // --- messages ---
  "send a text": async (t) => {
    const message = textTo(t, "bo", "How are you?");
    message.setMetadata({mood: "good"});
    message.setTags(["greeting"]);
    message.setMuid("muid-1");
    const sent = await settled(t.CometChat.sendMessage(message));
    assert.equal(sent.getText(), "How are you?");
    assert.equal(sent.getSender().getUid(), "ana");
    assert.equal(sent.getReceiver().getUid(), "bo");
    assert.equal(sent.getMuid(), "muid-1");
    assert.deepEqual(sent.getMetadata(), {mood: "good"});
    assert.deepEqual(sent.getTags(), ["greeting"]);
    const last = (await settled(t.CometChat.getConversation("bo", "user"))).getLastMessage();
    assert.equal(last.getText(), "How are you?");
    t.sent = sent;
  },
  "send to a group": async ({CometChat}) => {
    const sent = await settled(CometChat.sendMessage(new CometChat.TextMessage("hikers", "Sunday?", "group")));
    assert.equal(sent.getReceiver().getGuid(), "hikers");
  },
  "send a picture by its address": async ({CometChat}) => {
    const message = new CometChat.MediaMessage("bo", "", CometChat.MESSAGE_TYPE.IMAGE, "user");
    const attachment = {name: "peak", extension: "png", mimeType: "image/png", url: "https://files.example.com/peak.png"};
    message.setAttachment(new CometChat.Attachment(attachment));
    message.setCaption("The peak");
    const sent = await settled(CometChat.sendMediaMessage(message));
    assert.equal(sent.getType(), "image");
    assert.equal(sent.getAttachment().getUrl(), attachment.url);
  },
  "send a custom message": async ({CometChat}) => {
    const message = new CometChat.CustomMessage("bo", "user", "location", {latitude: 41.1, longitude: -8.6});
    const sent = await settled(CometChat.sendCustomMessage(message));
    assert.equal(sent.getCategory(), "custom");
    assert.deepEqual(sent.getCustomData(), {latitude: 41.1, longitude: -8.6});
  },
  "messages backwards to the first": async (t) => {
    const all = await allPages(messages(t).setUID("bo").setLimit(100).build(), "fetchPrevious");
    const request = messages(t).setUID("bo").setLimit(3).build();
    const pages = [];
    for (let page = await settled(request.fetchPrevious()); page.length; page = await settled(request.fetchPrevious())) {
      pages.unshift(...page.map((one) => Number(one.getId())));
    }
    assert.ok(all.length > 6, `only ${all.length} messages`);
    assert.deepEqual(pages, all.map((one) => Number(one.getId())));
    assert.deepEqual(pages, [...pages].sort((one, other) => one - other));
  },
  "messages forwards from one": async (t) => {
    const all = await allPages(messages(t).setUID("bo").setLimit(100).build(), "fetchPrevious");
    const from = all.at(-4).getId();
    const found = await allPages(messages(t).setUID("bo").setMessageId(from).setLimit(2).build(), "fetchNext");
    assert.deepEqual(found.map((one) => one.getId()), all.slice(-3).map((one) => one.getId()));
  },
  "messages of a group, of one kind, by words": async (t) => {
    const group = await settled(messages(t).setGUID("hikers").setLimit(30).build().fetchPrevious());
    assert.ok(group.length > 3);
    assert.ok(group.every((one) => one.getReceiverId() === "hikers"));
    const pictures = messages(t).setUID("bo").setCategories(["message"]).setTypes(["image"]).setLimit(30).build();
    assert.deepEqual((await settled(pictures.fetchPrevious())).map((one) => one.getType()), ["image"]);
    const words = messages(t).setUID("bo").setSearchKeyword("how are").setLimit(30).build();
    assert.deepEqual((await settled(words.fetchPrevious())).map((one) => one.getText()), ["How are you?"]);
  },
  "a thread": async (t) => {
    const reply = textTo(t, "bo", "In the thread");
    reply.setParentMessageId(Number(t.sent.getId()));
    const sent = await settled(t.CometChat.sendMessage(reply));
    assert.equal(Number(sent.getParentMessageId()), Number(t.sent.getId()));
    const request = messages(t).setParentMessageId(Number(t.sent.getId())).setLimit(10).build();
    assert.deepEqual((await settled(request.fetchPrevious())).map((one) => one.getText()), ["In the thread"]);
    const main = await settled(messages(t).setUID("bo").hideReplies(true).setLimit(30).build().fetchPrevious());
    assert.equal(main.find((one) => String(one.getId()) === String(t.sent.getId())).getReplyCount(), 1);
    assert.ok(!main.some((one) => one.getText?.() === "In the thread"));
  },
  "one message and its receipts": async (t) => {
    const found = await settled(t.CometChat.getMessageDetails(t.sent.getId()));
    assert.equal(found.getText(), "How are you?");
    await t.rest("POST", "/users/ana/conversation/read", {as: "bo"});
    const receipts = await settled(t.CometChat.getMessageDetails(t.sent.getId()));
    assert.ok(receipts.getDeliveredAt() > 0);
    assert.ok(receipts.getReadAt() > 0);
  },
  "edit a message": async (t) => {
    const message = textTo(t, "bo", "How are you today?");
    message.setId(t.sent.getId());
    const edited = await settled(t.CometChat.editMessage(message));
    assert.equal(edited.getText(), "How are you today?");
    assert.ok(edited.getEditedAt() > 0);
    const found = await settled(t.CometChat.getMessageDetails(t.sent.getId()));
    assert.equal(found.getText(), "How are you today?");
  },
  "delete a message": async (t) => {
    const sent = await settled(t.CometChat.sendMessage(textTo(t, "bo", "Never mind")));
    const deleted = await settled(t.CometChat.deleteMessage(sent.getId()));
    assert.equal(String(deleted.getId()), String(sent.getId()));
    assert.ok(deleted.getDeletedAt() > 0);
    assert.equal(deleted.getDeletedBy(), "ana");
  },
  "another's message is not edited": async (t) => {
    const theirs = await sentBy(t, "bo", "ana");
    const message = textTo(t, "bo", "Changed");
    message.setId(theirs.id);
    assert.equal(await codeOf(t.CometChat.editMessage(message)), "ERR_MESSAGE_NO_ACCESS");
  },

  // --- users ---
  "users by name, in pages": async ({CometChat}) => {
    const build = () => new CometChat.UsersRequestBuilder();
    assert.ok((await settled(build().setLimit(30).build().fetchNext())).length === 30);
    assert.deepEqual((await settled(build().setLimit(5).setSearchKeyword("cleo").build().fetchNext())).map((one) => one.getUid()), ["cleo"]);
    const listed = await settled(build().setLimit(5).setUIDs(["bo", "zoe"]).build().fetchNext());
    assert.deepEqual(listed.map((one) => one.getUid()).sort(), ["bo", "zoe"]);
    const byName = await settled(build().setLimit(5).setUIDs(["bo", "zoe", "ana"]).sortBy("name").sortByOrder("desc").build().fetchNext());
    assert.deepEqual(byName.map((one) => one.getUid()), ["zoe", "bo", "ana"]);
  },
  "one user, and changes of oneself": async ({CometChat}) => {
    assert.equal((await settled(CometChat.getUser("bo"))).getUid(), "bo");
    const me = new CometChat.User("ana");
    me.setStatusMessage("On the road");
    me.setName("Ana Lima");
    assert.equal((await settled(CometChat.updateCurrentUserDetails(me))).getStatusMessage(), "On the road");
  },
  "block and unblock": async (t) => {
    const {CometChat} = t;
    const blocked = () => new CometChat.BlockedUsersRequestBuilder().setLimit(10).blockedByMe().build().fetchNext();
    await settled(CometChat.blockUsers(["dan"]));
    assert.deepEqual((await settled(blocked())).map((one) => one.getUid()), ["dan"]);
    const listed = (hidden) => allPages(conversations(t).setLimit(50).setIncludeBlockedUsers(!hidden).setWithBlockedInfo(!hidden).build());
    const ids = (found) => found.map((one) => one.getConversationWith().getUid?.());
    assert.ok(!ids(await listed(true)).includes("dan"));
    const shown = (await listed(false)).find((one) => one.getConversationWith().getUid?.() === "dan");
    assert.equal(shown.getConversationWith().getBlockedByMe(), true);
    await settled(CometChat.unblockUsers(["dan"]));
    assert.deepEqual(await settled(blocked()), []);
    assert.ok(ids(await listed(true)).includes("dan"));
  },

  // --- groups ---
  "create a group with members": async ({CometChat}) => {
    const group = new CometChat.Group("sdk-club", "SDK club", CometChat.GROUP_TYPE.PUBLIC);
    const bo = new CometChat.GroupMember("bo", CometChat.GROUP_MEMBER_SCOPE.PARTICIPANT);
    const made = await settled(CometChat.createGroupWithMembers(group, [bo], []));
    assert.deepEqual(made.members, {bo: "success"});
    const alone = new CometChat.Group("sdk-alone", "Alone", CometChat.GROUP_TYPE.PUBLIC);
    assert.deepEqual((await settled(CometChat.createGroupWithMembers(alone, [], []))).members, {});
    await settled(CometChat.deleteGroup("sdk-alone"));
    assert.equal(made.group.getGuid(), "sdk-club");
    assert.equal((await settled(CometChat.getGroup("sdk-club"))).getMembersCount(), 2);
  },
  "groups in pages, those joined": async ({CometChat}) => {
    const build = () => new CometChat.GroupsRequestBuilder();
    const all = await allPages(build().setLimit(3).build());
    const joined = await allPages(build().setLimit(3).joinedOnly(true).build());
    assert.ok(joined.length > 3 && joined.length <= all.length);
    assert.ok(joined.every((one) => one.getHasJoined()));
  },
  "change a group": async ({CometChat}) => {
    const group = new CometChat.Group("sdk-club", "The SDK club", CometChat.GROUP_TYPE.PUBLIC);
    assert.equal((await settled(CometChat.updateGroup(group))).getName(), "The SDK club");
  },
  "members: add, scope, ban, unban, kick": async ({CometChat}) => {
    const member = (uid) => new CometChat.GroupMember(uid, CometChat.GROUP_MEMBER_SCOPE.PARTICIPANT);
    const added = await settled(CometChat.addMembersToGroup("sdk-club", [member("cleo"), member("dan")], []));
    assert.equal(added.cleo, "success");
    const list = () => settled(new CometChat.GroupMembersRequestBuilder("sdk-club").setLimit(10).build().fetchNext());
    assert.deepEqual((await list()).map((one) => one.getUid()).sort(), ["ana", "bo", "cleo", "dan"]);
    await settled(CometChat.updateGroupMemberScope("sdk-club", "bo", CometChat.GROUP_MEMBER_SCOPE.MODERATOR));
    assert.equal((await list()).find((one) => one.getUid() === "bo").getScope(), "moderator");
    await settled(CometChat.banGroupMember("sdk-club", "dan"));
    const banned = new CometChat.BannedMembersRequestBuilder("sdk-club").setLimit(10).build();
    assert.deepEqual((await settled(banned.fetchNext())).map((one) => one.getUid()), ["dan"]);
    await settled(CometChat.unbanGroupMember("sdk-club", "dan"));
    await settled(CometChat.kickGroupMember("sdk-club", "cleo"));
    assert.deepEqual((await list()).map((one) => one.getUid()).sort(), ["ana", "bo"]);
  },
  "join, leave and delete a group": async ({CometChat, rest}) => {
    await rest("POST", "/groups", {as: "bo", body: {guid: "bo-club", name: "Bo's club", type: "public"}});
    assert.equal((await settled(CometChat.joinGroup("bo-club", CometChat.GROUP_TYPE.PUBLIC, ""))).getHasJoined(), true);
    await settled(CometChat.leaveGroup("bo-club"));
    assert.equal((await settled(CometChat.getGroup("bo-club"))).getHasJoined(), false);
    assert.equal(await settled(CometChat.deleteGroup("sdk-club")), true);
    assert.equal(await codeOf(CometChat.getGroup("sdk-club")), "ERR_GUID_NOT_FOUND");
  },

  // --- refusals, and the end ---
  "refusals have their codes": async (t) => {
    const {CometChat} = t;
    assert.equal(await codeOf(CometChat.getConversation("nobody-here", "user")), "ERR_UID_NOT_FOUND");
    assert.equal(await codeOf(CometChat.getConversation("no-such-group", "group")), "ERR_GUID_NOT_FOUND");
    assert.equal(await codeOf(CometChat.sendMessage(textTo(t, "nobody-here", "Hi"))), "ERR_UID_NOT_FOUND");
    assert.equal(await codeOf(CometChat.getMessageDetails("99999999")), "ERR_MESSAGE_ID_NOT_FOUND");
    assert.equal(await codeOf(CometChat.tagConversation("bo", "user", Array.from({length: 26}, (_, n) => `t${n}`))), "ERR_BAD_REQUEST");
  },
  "a conversation that never was": async ({CometChat, rest}) => {
    await rest("POST", "/users", {body: {uid: "stranger", name: "Stranger"}});
    assert.equal(await codeOf(CometChat.getConversation("stranger", "user")), "ERR_CONVERSATION_NOT_ACCESSIBLE");
  },
  "delete a conversation": async ({CometChat}) => {
    await settled(CometChat.deleteConversation("zoe", "user"));
    assert.equal(await codeOf(CometChat.getConversation("zoe", "user")), "ERR_CONVERSATION_NOT_ACCESSIBLE");
  },
  "a revoked token ends the session": async ({CometChat, rest, authKey}) => {
    await settled(CometChat.logout());
    await settled(CometChat.login("ana", authKey));
    await rest("DELETE", "/users/ana/auth_tokens", {});
    assert.equal(await codeOf(CometChat.getUser("bo")), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    await settled(CometChat.login("ana", authKey));
  },
  "logout": async ({CometChat}) => {
    await settled(CometChat.logout());
    assert.equal(await settled(CometChat.getLoggedinUser()), null);
  },
};
