"""Heading "Conversation properties": each property's type, format and meaning, wherever shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from contracts.chat import KINDS, Chat
from contracts.clause import Basis, clause
from contracts.clauses.connections import places
from contracts.client import Call
from contracts.errors import NotStaged
from contracts.scene import Scene
from contracts.transport import Answer

SOURCE = "Conversation properties"
SHOWING = [
    "listConversations",
    "getConversation",
    "getUserConversation",
    "getGroupConversation",
    "updateUserConversation",
    "updateGroupConversation",
]
READING = ["listConversations", "getUserConversation", "getGroupConversation"]
EARLIEST, LATEST = (
    1_000_000_000,
    10_000_000_000,
)  # seconds of 2001 and 2286: milliseconds lie outside
NEAR_S = 60


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One conversation as one operation showed it; ``peer`` is whom the caller asked for.

    ``found`` where it was there before the run.
    """

    place: str
    kind: str
    peer: str
    conversation: dict[str, Any]
    call: Call
    found: bool


def exhibits(scene: Scene) -> list[Exhibit]:
    """Conversations of both kinds, unread and read, from each operation that shows one."""
    return scene.once("exhibits", _collect)


def _collect(scene: Scene) -> list[Exhibit]:
    collected: list[Exhibit] = []
    for kind in KINDS:
        chat = scene.chat(kind, unread=2)
        got = _show(collected, chat, chat.operation("get"), chat.ask("get"))
        key = str(got.get("conversationId"))
        path = {"conversationId": key}
        by_id = scene.client.call("getConversation", caller=chat.caller, path=path)
        _show(collected, chat, "getConversation", by_id)
        _show_row(collected, chat)
        body = {"tags": chat.tags() or []}
        _show(collected, chat, chat.operation("tag"), chat.ask("tag", body=body))
        chat.ask("read")
        _show(collected, chat, f"{chat.operation('get')} after read", chat.ask("get"))
    return collected


def _show(collected: list[Exhibit], chat: Chat, place: str, answer: Answer) -> dict[str, Any]:
    shown = answer.data if answer.ok and isinstance(answer.data, dict) else {}
    if shown:
        call = chat.scene.client.calls[-1]
        collected.append(Exhibit(place, chat.kind, chat.peer, shown, call, chat.found))
    return shown


def _show_row(collected: list[Exhibit], chat: Chat) -> None:
    row = chat.row()
    if row is not None:
        call = chat.scene.client.calls[-1]
        collected.append(Exhibit("listConversations", chat.kind, chat.peer, row, call, chat.found))


def on_each(
    scene: Scene, title: str, holds: Callable[[Exhibit], bool], *, expected: str, name: str
) -> None:
    """Judges one property on each exhibit; one finding a cause."""
    for exhibit in exhibits(scene):
        with scene.case(f"{exhibit.place}, {exhibit.kind}"):
            scene.client.calls.append(exhibit.call)
            actual = exhibit.conversation.get(name, "nothing: the property is missing")
            scene.require(title, holds(exhibit), expected=expected, actual=actual)


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is an integer (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


@clause(SOURCE, operations=SHOWING)
def conversation_id_is_a_string(scene: Scene) -> None:
    """conversationId is there and is a string that is not empty."""
    name = "conversationId"
    on_each(
        scene,
        f"{name}'s type",
        lambda each: isinstance(each.conversation.get(name), str) and bool(each.conversation[name]),
        expected="a string, not empty",
        name=name,
    )


@clause(SOURCE, operations=SHOWING)
def conversation_id_format(scene: Scene) -> None:
    """conversationId is user_ with the other user's uid, or group_ with the guid."""
    name = "conversationId"
    for kind in KINDS:
        on_each(
            scene,
            f"{name}'s form",
            lambda each, kind=kind: (  # type: ignore[misc]  # bound early
                each.kind != kind
                or not isinstance(each.conversation.get(name), str)
                or each.conversation[name] == f"{kind}_{each.peer}"
            ),
            expected=f"{kind}_ and the peer's id",
            name=name,
        )


@clause(SOURCE, operations=READING)
def conversation_id_is_unique(scene: Scene) -> None:
    """No two conversations of a caller share an id, and one keeps its id from read to read."""
    caller, ana, bo = (scene.user(name) for name in ("Caller", "Ana", "Bo"))
    guid = scene.group(ana, [caller])
    chats = [
        Chat(scene, "user", caller, ana, ana),
        Chat(scene, "user", caller, bo, bo),
        Chat(scene, "group", caller, guid, ana),
    ]
    for chat in chats:
        chat.write()
    scene.expect(
        "the ids in one list",
        lambda: [str(row.get("conversationId")) for row in scene.rows(caller)],
        lambda listed: len(set(listed)) == len(listed) >= len(chats),
        expected="three, all different",
    )
    for chat in chats:
        first = chat.conversation().get("conversationId")
        for place, probe in places(chat):
            with scene.case(place):
                scene.expect_equal(
                    "conversationId read again",
                    lambda probe=probe: probe().get("conversationId"),  # type: ignore[misc]
                    first,
                )


@clause(SOURCE, operations=SHOWING)
def conversation_type(scene: Scene) -> None:
    """conversationType is user for a 1-on-1 and group for a group."""
    name = "conversationType"
    for kind in KINDS:
        on_each(
            scene,
            name,
            lambda each, kind=kind: each.kind != kind or each.conversation.get(name) == kind,  # type: ignore[misc]
            expected=repr(kind),
            name=name,
        )


@clause(SOURCE, operations=SHOWING)
def unread_message_count_is_an_integer(scene: Scene) -> None:
    """unreadMessageCount is there and is an integer, 0 or more."""
    name = "unreadMessageCount"
    on_each(
        scene,
        f"{name}'s type",
        lambda each: is_whole(each.conversation.get(name)) and each.conversation[name] >= 0,
        expected="an integer, 0 or more",
        name=name,
    )


@clause(SOURCE, operations=READING)
def unread_message_count_counts(scene: Scene) -> None:
    """Each message of another that the caller has not read adds one to unreadMessageCount."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        before = chat.count()
        for more, total in ((1, 1), (2, 3)):
            chat.receive(more)
            for place, probe in places(chat):
                with scene.case(place):
                    scene.expect_equal(
                        f"the unread count after {total} messages of another",
                        lambda probe=probe: number(probe().get("unreadMessageCount")),  # type: ignore[misc]
                        before + total,
                    )

    scene.each_kind(check)


def number(value: Any) -> Any:
    """A count as a number where it is digits; its type is another clause's matter."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


@clause("Readings B4", Basis.INFERRED, operations=READING)
def own_messages_never_count(scene: Scene) -> None:
    """What the caller writes is not unread for the caller, and reads nothing of the others."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        chat.receive(2)
        before = chat.count()
        chat.write(2)
        scene.expect_stays("the unread count after own messages", chat.count, before)
        chat.receive()
        chat.write()
        scene.expect_equal("the unread count after one more of another", chat.count, before + 1)

    scene.each_kind(check)


@clause(SOURCE, operations=SHOWING)
def last_message_is_an_object(scene: Scene) -> None:
    """lastMessage is an object with the message's details: id, sender, receiver, time, data.

    In a conversation that was there before, it may be absent: its last message may be deleted.
    """
    name = "lastMessage"
    details = ("id", "sender", "receiver", "receiverType", "sentAt", "data")
    if all(each.found and name not in each.conversation for each in exhibits(scene)):
        raise NotStaged("the cast's conversations show no lastMessage")
    on_each(
        scene,
        name,
        lambda each: (
            isinstance(each.conversation.get(name), dict)
            and all(each.conversation[name].get(detail) is not None for detail in details)
            if name in each.conversation or not each.found
            else True
        ),
        expected=f"an object with {', '.join(details)}",
        name=name,
    )


@clause(SOURCE, operations=SHOWING)
def conversation_with_is_an_object(scene: Scene) -> None:
    """conversationWith is an object that names the peer by id and by name."""
    name = "conversationWith"
    keys = {"user": "uid", "group": "guid"}
    on_each(
        scene,
        name,
        lambda each: (
            isinstance(each.conversation.get(name), dict)
            and isinstance(each.conversation[name].get(keys[each.kind]), str)
            and isinstance(each.conversation[name].get("name"), str)
        ),
        expected="an object with uid or guid, and name, as strings",
        name=name,
    )


def is_time(value: Any) -> TypeGuard[int]:
    """Whether a value can be UNIX seconds of our time, as an integer."""
    return is_whole(value) and EARLIEST <= value < LATEST


@clause(SOURCE, operations=SHOWING)
def created_at_is_unix_seconds(scene: Scene) -> None:
    """createdAt is an integer of UNIX seconds: when the conversation was created."""
    name = "createdAt"
    on_each(
        scene,
        f"{name}'s type",
        lambda each: is_time(each.conversation.get(name)),
        expected="an integer of UNIX seconds",
        name=name,
    )
    chat = scene.pair()
    sent = chat.write().sent_at
    scene.expect(
        "createdAt of a conversation that began with a message now",
        lambda: chat.conversation().get(name),
        lambda at: not is_time(at) or abs(at - sent) <= NEAR_S,
        expected=f"about {sent}, the time of its first message",
    )


@clause(SOURCE, operations=READING, slow=True)
def created_at_stays(scene: Scene) -> None:
    """createdAt does not change, whatever happens in the conversation later."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        before = chat.conversation().get("createdAt")
        scene.next_second()
        chat.receive()
        chat.ask("read")
        chat.ask("tag", body={"tags": ["later"]})
        for place, probe in places(chat):
            with scene.case(place):
                scene.expect_stays(
                    "createdAt after a later message, read and tags",
                    lambda probe=probe: probe().get("createdAt"),  # type: ignore[misc]
                    before,
                )

    scene.each_kind(check)


@clause(SOURCE, operations=SHOWING)
def updated_at_is_unix_seconds(scene: Scene) -> None:
    """updatedAt is an integer of UNIX seconds, never before createdAt or the shown message."""
    name = "updatedAt"
    on_each(
        scene,
        f"{name}'s type",
        lambda each: is_time(each.conversation.get(name)),
        expected="an integer of UNIX seconds",
        name=name,
    )
    on_each(
        scene,
        f"{name} beside createdAt and lastMessage.sentAt",
        lambda each: not is_early(each.conversation),
        expected="neither before createdAt nor before lastMessage.sentAt",
        name=name,
    )


def is_early(conversation: dict[str, Any]) -> bool:
    """Whether updatedAt lies before createdAt or before the shown message was sent."""
    updated = conversation.get("updatedAt")
    message = conversation.get("lastMessage")
    sent = message.get("sentAt") if isinstance(message, dict) else None
    earlier = [at for at in (conversation.get("createdAt"), sent) if is_time(at)]
    return is_time(updated) and any(at > updated for at in earlier)


@clause(SOURCE, operations=READING, slow=True)
def updated_at_moves_with_messages(scene: Scene) -> None:
    """updatedAt moves on with each new message, and never goes back."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        before = chat.conversation().get("updatedAt")
        scene.next_second()
        sent = chat.receive().sent_at
        for place, probe in places(chat):
            with scene.case(place):
                scene.expect(
                    "updatedAt after a new message",
                    lambda probe=probe: probe().get("updatedAt"),  # type: ignore[misc]
                    lambda at: not is_time(at) or (at >= sent and at > (before or 0)),
                    expected=f"{sent} or later, and later than {before}",
                )
        moved = chat.conversation().get("updatedAt")
        chat.ask("read")
        scene.expect(
            "updatedAt after read",
            lambda: chat.conversation().get("updatedAt"),
            lambda at: not is_time(at) or at >= (moved or 0),
            expected=f"{moved} or later",
        )

    scene.each_kind(check)
