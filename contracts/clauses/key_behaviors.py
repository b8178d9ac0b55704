"""Heading "Key behaviors": birth, the 300-member limit, tags, and when lastMessage is absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from contracts.boundary import LONGEST_TAG, MOST_TAGS, WORDS, many, refused
from contracts.chat import Chat
from contracts.clause import Basis, clause
from contracts.clauses.connections import last, places
from contracts.clauses.crowds import crowded_group, full_group
from contracts.clauses.marks import ids
from contracts.errors import Broken, NotReached
from contracts.scene import Scene
from contracts.stage import Message
from contracts.values import is_time

SOURCE = "Key behaviors"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]
TAGGING = ["updateUserConversation", "updateGroupConversation"]


@clause(SOURCE, operations=["getUserConversation", "listConversations"])
def user_conversation_starts_with_a_message(scene: Scene) -> None:
    """A 1-on-1 conversation is there for both sides from the first message, and not before."""
    chat = scene.pair()
    for side in (chat, chat.other_side):
        scene.require(
            "fetching a conversation before the first message",
            not (early := side.ask("get")).ok,
            expected="no conversation",
            actual=early,
        )
        scene.require("its row", side.row() is None, expected="none", actual="a row in the list")
    chat.write()
    for side in (chat, chat.other_side):
        is_there(scene, side)


def is_there(scene: Scene, side: Chat) -> None:
    """Broken unless the conversation is fetched and listed; how it is answered is not judged."""
    scene.expect(
        "fetching a conversation after the first message",
        lambda: side.ask("get"),
        lambda got: not 400 <= got.status < 500 and side.owns(side.shown_in(got)),
        expected=f"200 with the conversation with {side.peer}",
    )
    scene.expect(
        "its row in the list after the first message",
        side.row,
        lambda row: row is not None,
        expected=f"the conversation with {side.peer}",
    )


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def group_conversation_starts_with_a_message(scene: Scene) -> None:
    """From its first message a group's conversation is there for each member."""
    writer, second, third = (scene.user(name) for name in ("Ana", "Bo", "Cleo"))
    guid = scene.group(writer, [second, third])
    chats = [Chat(scene, "group", uid, guid, writer) for uid in (writer, second, third)]
    chats[0].write()
    for side in chats:
        is_there(scene, side)


# -- more than 300 members --------------------------------------------------------------------


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def full_group_still_counts(scene: Scene) -> None:
    """In a group of exactly 300 members a message moves all it should, be it 300 again or still."""
    chat, small = full_group(scene), scene.fresh_chat("group")
    scene.expect(
        "fetching the conversation of 300 members after a message",
        lambda: chat.ask("get"),
        lambda got: not 400 <= got.status < 500,
        expected="200 with the conversation",
    )
    scene.next_second()
    try:
        _moves(scene, small)
        _moves(scene, small, is_later=False)
    except Broken as broken:
        raise NotReached(f"in a group of two: {broken}") from broken
    with scene.case("300 members"):
        _moves(scene, chat)
    extra = scene.user("One too many")
    scene.cast.join(chat.peer, [extra])
    scene.cast.kick(chat.peer, extra)
    scene.pause(1.5 * scene.pace.lag_s)
    with scene.case("300 members again"):
        _moves(scene, chat, is_later=False)


def _moves(scene: Scene, chat: Chat, *, is_later: bool = True) -> None:
    """Broken unless a message moves count, lastMessage and, if it is sent later, updatedAt."""
    before = chat.count()
    message = chat.receive()
    scene.expect_equal("the unread count", chat.count, before + 1)
    scene.expect(
        "the id of lastMessage",
        lambda: last(chat.conversation())[0],
        lambda got: got in ids(message.id),
        expected=message.id,
    )
    if is_later:
        scene.expect(
            "updatedAt",
            lambda: chat.conversation().get("updatedAt"),
            lambda at: not is_time(at) or at >= message.sent_at,
            expected=f"{message.sent_at}, when the message was sent, or later",
        )


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_count(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves the unread count as it was."""
    chat = replace(crowded_group(scene).chat, scene=scene)
    scene.expect(
        "fetching the conversation of 301 members, which was there before",
        lambda: chat.ask("get"),
        lambda got: not 400 <= got.status < 500,
        expected="200 with the conversation",
    )
    _keeps(scene, "unreadMessageCount")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_last_message(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves lastMessage as it was."""
    _keeps(scene, "lastMessage")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_updated_at(scene: Scene) -> None:
    """In a group of more than 300 members, a message leaves updatedAt as it was."""
    _keeps(scene, "updatedAt")


def _keeps(scene: Scene, name: str) -> None:
    crowd = crowded_group(scene)
    chat = replace(crowd.chat, scene=scene)

    def value(conversation: dict[str, Any]) -> Any:
        return last(conversation)[0] if name == "lastMessage" else conversation.get(name)

    for place, probe in places(chat):
        with scene.case(place):
            scene.expect_equal(
                f"{name} after a message to 301 members",
                lambda probe=probe: value(probe()),  # type: ignore[misc]  # bound early
                value(crowd.before[place]),
            )


# -- tags -------------------------------------------------------------------------------------


@clause(SOURCE, operations=TAGGING)
def at_most_25_tags(scene: Scene) -> None:
    """25 tags are taken and kept, and 25 others in their place; 26 are refused."""

    def check(scene: Scene, kind: str) -> None:
        chat = taggable(scene, kind)
        for word in ("tag", "other"):
            _kept(scene, chat, [f"{word} {n}" for n in range(1, MOST_TAGS + 1)])
        refused(scene, chat.operation("tag"), chat.ask("tag", body=many(MOST_TAGS + 1)))

    scene.each_kind(check)


@clause(SOURCE, operations=TAGGING)
def tags_up_to_100_characters(scene: Scene) -> None:
    """A tag of 100 characters is taken and kept, and 25 of them; one of 101 is refused."""

    def check(scene: Scene, kind: str) -> None:
        chat = taggable(scene, kind)
        _kept(scene, chat, ["t" * LONGEST_TAG, "short"])
        _kept(scene, chat, [f"{n:0{LONGEST_TAG}}" for n in range(MOST_TAGS)])
        long = {"tags": ["t" * (LONGEST_TAG + 1), "short"]}
        refused(scene, chat.operation("tag"), chat.ask("tag", body=long))

    scene.each_kind(check)


@clause(SOURCE, operations=TAGGING)
def tags_are_utf8mb4(scene: Scene) -> None:
    """Tags hold any character of UTF8mb4, and 100 of them count as 100 whatever their bytes."""

    def check(scene: Scene, kind: str) -> None:
        chat = taggable(scene, kind)
        _kept(scene, chat, WORDS)
        _kept(scene, chat, ["🎂" * LONGEST_TAG, "é" * LONGEST_TAG, "nai\u0308ve"])

    scene.each_kind(check)


def taggable(scene: Scene, kind: str) -> Chat:
    """A conversation that keeps plain tags, and others after them; NotReached where it does not."""
    chat = scene.chat(kind)
    for tags in (["one", "two"], ["three", "four"]):
        tagged(scene, chat, tags)
    return chat


def _kept(scene: Scene, chat: Chat, tags: list[str]) -> None:
    chat.must("tag", body={"tags": tags})
    scene.expect(
        f"the tags after storing {len(tags)}",
        chat.tags,
        lambda got: sorted(got or []) == sorted(tags),
        expected=str(tags),
    )


@clause(SOURCE, Basis.INFERRED, operations=TAGGING)
def refused_tags_change_nothing(scene: Scene) -> None:
    """A refused update leaves the tags that were there."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        kept: list[str] | None = ["kept"]
        tagged(scene, chat, ["kept"])
        for body in (many(MOST_TAGS + 1), {"tags": ["good", "t" * (LONGEST_TAG + 1)]}):
            answer = chat.ask("tag", body=body)
            if answer.ok:
                raise NotReached(f"tags past a limit were not refused: {answer}")
            scene.expect_stays("the tags after a refused update", chat.tags, kept)

    scene.each_kind(check)


def tagged(scene: Scene, chat: Chat, tags: list[str]) -> None:
    """Brings the caller's copy to these tags; NotReached where they do not show."""
    chat.do("tag", body={"tags": tags})
    scene.reach(
        "the tags set on the way",
        chat.tags,
        lambda got: sorted(got or []) == sorted(tags),
        expected=str(tags),
    )


@clause("Readings B11", Basis.OBSERVED, operations=TAGGING)
def tags_are_replaced(scene: Scene) -> None:
    """An update replaces the whole list of tags; an empty list clears it; a repeat keeps it."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.chat(kind)
        tagged(scene, chat, ["first", "second"])
        for tags in (["third"], ["third"], []):
            chat.must("tag", body={"tags": tags})
            scene.expect(
                f"the tags after replacing them with {tags}",
                chat.tags,
                lambda got, tags=tags: (got or []) == tags,  # type: ignore[misc]  # bound early
                expected=str(tags),
            )

    scene.each_kind(check)


@clause("Readings C6", Basis.OBSERVED, operations=TAGGING)
def tags_are_the_callers_alone(scene: Scene) -> None:
    """Tags belong to the caller's copy: the other side does not see them."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        tagged(scene, chat, ["mine"])
        scene.expect(
            "the other side's tags",
            chat.other_side.tags,
            lambda got: not got,
            expected="none",
        )

    scene.each_kind(check)


@clause("Readings C6", Basis.INFERRED, operations=TAGGING)
def tags_stay(scene: Scene) -> None:
    """Tags stay until they are replaced: a message and the marks leave them as they are."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        tagged(scene, chat, ["kept"])
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("a message of the other", chat.receive),
            ("a message of the caller", chat.write),
            *((verb, partial(chat.do, verb)) for verb in ("delivered", "read", "unread")),
        ]
        for name, step in steps:
            step()
            with scene.case(name):
                scene.expect_stays("the tags", lambda: chat.tags() or [], ["kept"])

    scene.each_kind(check)


# -- lastMessage ------------------------------------------------------------------------------


@clause(SOURCE, operations=READING)
def deleted_last_message_is_hidden(scene: Scene) -> None:
    """When the newest message is deleted, lastMessage is absent for both sides.

    It is not null, and not the one before.
    """

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        message = chat.receive()
        is_last(scene, chat, message)
        taken_back(scene, message)
        for side, who in ((chat, "the receiver"), (chat.other_side, "the sender")):
            for place, probe in places(side):
                with scene.case(f"{place}, {who}"):
                    scene.expect(
                        "lastMessage after its deletion",
                        lambda probe=probe: probe().get("lastMessage", "absent"),  # type: ignore[misc]
                        lambda got: got == "absent",
                        expected="absent",
                    )

    scene.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=READING)
def other_deletions_leave_last_message(scene: Scene) -> None:
    """Deleting an older message leaves lastMessage, and a new message shows after any deletion."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        older, message = chat.receive(), chat.receive()
        is_last(scene, chat, message)
        taken_back(scene, older)
        scene.expect_stays(
            "the id of lastMessage after an older one is deleted",
            lambda: str(last(chat.conversation())[0]),
            message.id,
        )
        taken_back(scene, message)
        for place, probe in places(chat):
            with scene.case(f"{place}, after the last was deleted"):
                message = chat.receive()
                scene.expect(
                    "the id of lastMessage",
                    lambda probe=probe: last(probe())[0],  # type: ignore[misc]  # bound early
                    lambda got, message=message: got in ids(message.id),  # type: ignore[misc]
                    expected=message.id,
                )

    scene.each_kind(check)


def is_last(scene: Scene, chat: Chat, message: Message) -> None:
    """NotReached unless the conversation shows this message as the last."""
    scene.reach(
        "the id of lastMessage",
        lambda: last(chat.conversation())[0],
        lambda got: got in ids(message.id),
        expected=message.id,
    )


def taken_back(scene: Scene, message: Message) -> None:
    """Deletes a message; NotReached where that is refused."""
    scene.reach(
        "deleting a message on the way",
        lambda: scene.cast.unsend(message),
        lambda answer: answer.ok,
        expected="200",
    )


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def new_group_has_no_last_message(scene: Scene) -> None:
    """A new group's conversation has no lastMessage, or is not there yet.

    An action on the members (added, joined) is not a message of theirs, and may show.
    """
    chat = scene.pair("group")
    answer = chat.ask("get")
    shown = [answer.data] if isinstance(answer.data, dict) else []
    row = chat.row()
    for conversation in (*shown, *([row] if row else [])):
        message = conversation.get("lastMessage", "absent")
        is_action = isinstance(message, dict) and message.get("category") == "action"
        scene.require(
            "lastMessage of a group without messages",
            message == "absent" or is_action,
            expected="absent",
            actual=message,
        )
