"""Heading "Available operations": each of the 15 does what its row of the table says."""

from __future__ import annotations

from typing import Any

from contracts.chat import Chat, must_be_done, must_say_success, peer_of
from contracts.clause import clause
from contracts.errors import Broken, NotReached
from contracts.scene import Scene

SOURCE = "Available operations"


@clause(SOURCE, operations=["listConversations"])
def list_conversations(scene: Scene) -> None:
    """The list gives a user all of his or her conversations, and nobody else's."""
    caller, other, third = (scene.user(name) for name in ("Caller", "Other", "Third"))
    one_on_one = Chat(scene, "user", caller, other, other)
    guid = scene.group(other, [caller])
    group = Chat(scene, "group", caller, guid, other)
    foreign = Chat(scene, "user", third, other, other)
    for chat in (one_on_one, group, foreign):
        chat.write()
    must_list(scene, caller)

    scene.expect(
        "the conversations listed",
        lambda: [describe(row) for row in scene.rows(caller)],
        lambda rows: sorted(rows) == sorted([("user", other), ("group", guid)]),
        expected=f"one with the user {other}, one with the group {guid}, and no other",
    )
    newcomer = scene.newcomer("Newcomer")
    must_list(scene, newcomer)
    scene.expect_equal("a newcomer's conversations", lambda: len(scene.rows(newcomer)), 0)


def describe(row: Any) -> tuple[str, str]:
    """A row's kind and peer; NotReached where they cannot be read."""
    peer = peer_of(row)
    if peer is None:
        raise NotReached("a row does not say with whom the conversation is")
    return peer


def must_list(scene: Scene, caller: str) -> None:
    """Broken unless the list is answered as done with rows under data."""
    answer = scene.client.call("listConversations", caller=caller)
    must_be_done("listConversations", answer)
    if not isinstance(answer.data, list):
        raise Broken(
            "listConversations is answered as done",
            expected="200 with an array under data",
            actual=str(answer),
        )


@clause(SOURCE, operations=["getConversation"])
def get_conversation(scene: Scene) -> None:
    """A conversation's own id fetches that conversation, of a user as of a group."""
    scene.each_kind(_is_fetched_by_id)


def _is_fetched_by_id(scene: Scene, kind: str) -> None:
    for chat in some(scene, kind):
        key = id_of(chat)
        scene.expect(
            "the conversation named by its id comes back",
            lambda chat=chat, key=key: by_id(scene, chat.caller, key),  # type: ignore[misc]
            chat.owns,
            expected=f"200 with the conversation {key} under data",
        )


def some(scene: Scene, kind: str) -> list[Chat]:
    """Two conversations of one caller, or one where no more may be made."""
    chat = scene.chat(kind)
    return [each for each in (chat, scene.beside(chat)) if each is not None]


def id_of(chat: Chat) -> str:
    """The conversation's id as the target itself gives it; NotReached where it gives none."""
    return id_in(chat.conversation())


def id_in(conversation: dict[str, Any]) -> str:
    """A shown conversation's id; NotReached where it has none that could be used."""
    key = conversation.get("conversationId")
    if not isinstance(key, str) or not key:
        raise NotReached(f"the conversation has no id: {key!r}")
    return key


def by_id(scene: Scene, caller: str, key: str) -> object:
    """What the deprecated GET shows under data; the answer in words where that is nothing."""
    answer = scene.client.call("getConversation", caller=caller, path={"conversationId": key})
    return answer.data if answer.ok else str(answer)


@clause(SOURCE, operations=["deleteConversation"])
def delete_conversation(scene: Scene) -> None:
    """Deleting a conversation by its id takes it out of the caller's view, and touches no other."""
    scene.each_kind(_is_deleted)


def _is_deleted(scene: Scene, kind: str) -> None:
    chat = scene.fresh_chat(kind, unread=1)
    beside = scene.beside(chat)
    for each in (chat, beside):
        if each:
            scene.reach("its row", each.row, lambda row: row is not None, expected="a row")
    must_delete(scene, chat.caller, id_of(chat))
    scene.expect_equal("the row of a deleted conversation in the list", chat.row, None)
    scene.expect(
        "fetching a deleted conversation",
        lambda: chat.ask("get"),
        lambda got: not got.ok,
        expected="no conversation",
    )
    if beside:
        scene.expect(
            "the row of the caller's other conversation",
            beside.row,
            lambda row: row is not None,
            expected=f"the conversation with {beside.peer}",
        )


def must_delete(scene: Scene, caller: str, key: str) -> None:
    """Broken unless the deprecated DELETE is answered as done."""
    answer = scene.client.call("deleteConversation", caller=caller, path={"conversationId": key})
    must_say_success("deleteConversation", must_be_done("deleteConversation", answer))


@clause(SOURCE, operations=["getUserConversation"])
def get_user_conversation(scene: Scene) -> None:
    """A 1-on-1 conversation is fetched by naming the other user."""
    _is_fetched(scene, "user")


@clause(SOURCE, operations=["getGroupConversation"])
def get_group_conversation(scene: Scene) -> None:
    """A group's conversation is fetched by naming the group."""
    _is_fetched(scene, "group")


def _is_fetched(scene: Scene, kind: str) -> None:
    for chat in some(scene, kind):
        scene.expect(
            f"the {kind} conversation that was asked for comes back",
            lambda chat=chat: chat.must("get").data,  # type: ignore[misc]  # bound early
            lambda data, chat=chat: isinstance(data, dict) and chat.owns(data),  # type: ignore[misc]
            expected=f"one conversation with {chat.peer}",
        )


@clause(SOURCE, operations=["updateUserConversation"])
def update_user_conversation(scene: Scene) -> None:
    """Updating a 1-on-1 conversation stores its tags, and touches no other."""
    _stores_tags(scene, "user")


@clause(SOURCE, operations=["updateGroupConversation"])
def update_group_conversation(scene: Scene) -> None:
    """Updating a group conversation stores its tags, and touches no other."""
    _stores_tags(scene, "group")


def _stores_tags(scene: Scene, kind: str) -> None:
    chat = scene.chat(kind)
    beside = scene.beside(chat)
    wanted = ["family", "to do"]
    answer = chat.must("tag", body={"tags": wanted})
    shown = answer.data.get("tags") if isinstance(answer.data, dict) else None
    scene.require(
        "the answer to the update shows the conversation with its tags",
        sorted(shown or []) == wanted and chat.owns(answer.data),
        expected=f"the conversation with {chat.peer}, tags {wanted}",
        actual=answer.data,
    )
    scene.expect(
        "the tags are there in a later read",
        chat.tags,
        lambda tags: sorted(tags or []) == wanted,
        expected=str(wanted),
    )
    if beside:
        scene.expect(
            "the tags of the caller's other conversation",
            beside.tags,
            lambda tags: not tags,
            expected="none",
        )


@clause(SOURCE, operations=["resetUserConversation"])
def reset_user_conversation(scene: Scene) -> None:
    """Resetting a 1-on-1 conversation sets its unread count to 0, and touches no other."""
    _zeroes(scene, "user", "reset")


@clause(SOURCE, operations=["resetGroupConversation"])
def reset_group_conversation(scene: Scene) -> None:
    """Resetting a group conversation sets its unread count to 0, and touches no other."""
    _zeroes(scene, "group", "reset")


@clause(SOURCE, operations=["markUserConversationAsRead"])
def mark_user_conversation_as_read(scene: Scene) -> None:
    """Marking a 1-on-1 conversation as read leaves none of it unread, and touches no other."""
    _zeroes(scene, "user", "read")


@clause(SOURCE, operations=["markGroupConversationAsRead"])
def mark_group_conversation_as_read(scene: Scene) -> None:
    """Marking a group conversation as read leaves none of it unread, and touches no other."""
    _zeroes(scene, "group", "read")


def _zeroes(scene: Scene, kind: str, verb: str) -> None:
    chat = scene.chat(kind, unread=3) if verb == "read" else scene.fresh_chat(kind, unread=3)
    counts(scene, chat, at_least=3)
    beside = scene.beside(chat, unread=1)
    before = counts(scene, beside, at_least=1) if beside else 0
    chat.must_succeed(verb)
    probe = chat.count_in_view if verb == "reset" else chat.count
    scene.expect_equal(f"the unread count after {verb}", probe, 0)
    if beside:
        title = f"the unread count of the caller's other conversation after {verb}"
        scene.expect_equal(title, beside.count, before)


def counts(scene: Scene, chat: Chat, *, at_least: int) -> int:
    """The unread count once that many messages show as unread: what a clause starts from."""
    return scene.reach(
        f"{at_least} messages of the other count as unread",
        chat.count,
        lambda count: count >= at_least,
        expected=f"{at_least} or more",
    )


def counts_exactly(scene: Scene, chat: Chat, wanted: int) -> None:
    """NotReached unless that many messages count as unread."""
    scene.reach(
        "the unread count on the way",
        chat.count,
        lambda count: count == wanted,
        expected=str(wanted),
    )


@clause(SOURCE, operations=["markUserConversationAsDelivered"])
def mark_user_conversation_as_delivered(scene: Scene) -> None:
    """Marking a 1-on-1 conversation as delivered is done, and reads nothing."""
    _delivers(scene, "user")


@clause(SOURCE, operations=["markGroupConversationAsDelivered"])
def mark_group_conversation_as_delivered(scene: Scene) -> None:
    """Marking a group conversation as delivered is done, and reads nothing."""
    _delivers(scene, "group")


def _delivers(scene: Scene, kind: str) -> None:
    chat = scene.chat(kind, unread=2)
    before = counts(scene, chat, at_least=2)
    chat.must_succeed("delivered")
    scene.expect_stays("the unread count after delivered", chat.count, before)


@clause(SOURCE, operations=["markUserConversationAsUnread"])
def mark_user_conversation_as_unread(scene: Scene) -> None:
    """Marking a 1-on-1 conversation as unread makes it count again, and touches no other."""
    _becomes_unread(scene, "user")


@clause(SOURCE, operations=["markGroupConversationAsUnread"])
def mark_group_conversation_as_unread(scene: Scene) -> None:
    """Marking a group conversation as unread makes it count again, and touches no other."""
    _becomes_unread(scene, "group")


def _becomes_unread(scene: Scene, kind: str) -> None:
    chat = scene.chat(kind, unread=2)
    beside = scene.beside(chat, unread=1)
    for each in (chat, beside) if beside else (chat,):
        each.do("read")
        scene.reach("the unread count after read", each.count, lambda n: n == 0, expected="0")
    told = chat.must("unread").data
    scene.require(
        "the answer to unread",
        isinstance(told, dict)
        and (told.get("success") is True or isinstance(told.get("conversation"), dict)),
        expected="success: true under data, or the conversation, or both",
        actual=told,
    )
    scene.expect(
        "the unread count after unread",
        chat.count,
        lambda count: count >= 1,
        expected="1 or more",
    )
    if beside:
        scene.expect_equal("the unread count of the caller's other one", beside.count, 0)
