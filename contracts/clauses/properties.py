"""Heading "Conversation properties": each property's type, format and meaning, wherever shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.chat import KINDS, Chat, count_of
from contracts.clause import Basis, clause
from contracts.clauses.connections import places
from contracts.clauses.exhibits import exhibits, on_each
from contracts.clauses.operations import counts, counts_exactly, id_in, id_of
from contracts.errors import NotStaged
from contracts.scene import Scene
from contracts.values import is_time, is_whole

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
NEAR_S = 60


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
        lambda: [id_in(chat.listed()) for chat in chats],
        lambda listed: len(set(listed)) == len(listed),
        expected="three, all different",
    )
    for chat in chats:
        first = id_of(chat)
        for place, probe in places(chat):
            with scene.case(place):
                scene.expect_equal(
                    "conversationId read again",
                    lambda probe=probe: id_in(probe()),  # type: ignore[misc]  # bound early
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
        for more, total in ((1, 1), (2, 3), (9, 12)):
            chat.receive(more)
            for place, probe in places(chat):
                with scene.case(place):
                    scene.expect_equal(
                        f"the unread count after {total} messages of another",
                        lambda probe=probe: count_of(probe()),  # type: ignore[misc]  # bound early
                        before + total,
                    )
        scene.beside(chat, unread=1)
        scene.expect_stays("the unread count after one in another", chat.count, before + total)

    scene.each_kind(check)
    with scene.case("each of three members"):
        _counts_for_all(scene)


def _counts_for_all(scene: Scene) -> None:
    """What one member writes counts for each of the others."""
    writer, *others = (scene.user(name) for name in ("Writer", "Ana", "Bo"))
    guid = scene.group(writer, others)
    chats = [Chat(scene, "group", uid, guid, writer) for uid in others]
    Chat(scene, "group", writer, guid, others[0]).write()
    before = [chat.count() for chat in chats]
    chats[0].receive()
    for chat, count in zip(chats, before, strict=True):
        scene.expect_equal("the unread count after one more message", chat.count, count + 1)


@clause(SOURCE, Basis.INFERRED, operations=SHOWING)
def looking_reads_nothing(scene: Scene) -> None:
    """Fetching, listing and tagging a conversation leave its unread messages unread."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        key = str(chat.conversation().get("conversationId"))
        looks: dict[str, Callable[[], Any]] = {
            chat.operation("get"): lambda: chat.ask("get"),
            "getConversation": lambda: scene.client.call(
                "getConversation", caller=chat.caller, path={"conversationId": key}
            ),
            "listConversations": chat.row,
            chat.operation("tag"): lambda: chat.ask("tag", body={"tags": ["seen"]}),
        }
        for name, look in looks.items():
            chat.receive()
            before = counts(scene, chat, at_least=1)
            look()
            with scene.case(name):
                scene.expect_stays("the unread count after a look", chat.count, before)

    scene.each_kind(check)


@clause("Readings B4", Basis.INFERRED, operations=READING)
def own_messages_never_count(scene: Scene) -> None:
    """What the caller writes is not unread for the caller, and reads nothing of the others."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.pair(kind)  # the other begins: no own message may spoil the first count
        chat.receive()
        count = counts(scene, chat, at_least=1)
        for received, written in ((2, 2), (1, 1)):
            chat.receive(received)
            count += received
            counts_exactly(scene, chat, count)
            chat.write(written)
            scene.expect_stays("the unread count after own messages", chat.count, count)

    scene.each_kind(check)


@clause(SOURCE, operations=SHOWING)
def last_message_is_an_object(scene: Scene) -> None:
    """lastMessage is an object with the message's details: id, sender, receiver, time, data.

    In a conversation that was there before, it may be absent: its last message may be deleted.
    """
    name = "lastMessage"
    if all(each.found and name not in each.conversation for each in exhibits(scene)):
        raise NotStaged("the cast's conversations show no lastMessage")
    on_each(
        scene,
        name,
        lambda each: (
            (each.found and name not in each.conversation)
            or is_message(each.conversation.get(name))
        ),
        expected=f"an object with {', '.join(DETAILS)}, of their types",
        name=name,
    )


DETAILS = ("id", "sender", "receiver", "receiverType", "sentAt", "data")


def is_message(value: Any) -> bool:
    """Whether a value is a message, with its details of their types."""
    return (
        isinstance(value, dict)
        and all(value.get(detail) is not None for detail in DETAILS)
        and all(isinstance(value[name], str) for name in ("sender", "receiver"))
        and value["receiverType"] in KINDS
        and isinstance(value["id"], (str, int))
        and isinstance(value["data"], dict)
        and is_time(value["sentAt"])
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
    """updatedAt is an integer of UNIX seconds."""
    name = "updatedAt"
    on_each(
        scene,
        f"{name}'s type",
        lambda each: is_time(each.conversation.get(name)),
        expected="an integer of UNIX seconds",
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
    """updatedAt moves on with each message, and is never before the last one, or what it was."""
    name = "updatedAt"
    on_each(
        scene,
        f"{name} beside createdAt and lastMessage.sentAt",
        lambda each: not is_early(each.conversation),
        expected="neither before createdAt nor before lastMessage.sentAt",
        name=name,
    )
    staged = {kind: [_with_time(scene.fresh_chat(kind)) for _ in range(2)] for kind in KINDS}
    scene.next_second()

    def check(scene: Scene, kind: str) -> None:
        for (chat, before), say in zip(staged[kind], (Chat.receive, Chat.write), strict=True):
            sent = say(chat).sent_at
            for place, probe in places(chat):
                with scene.case(place):
                    _has_moved(scene, probe, sent=sent, before=before)
        chat = staged[kind][0][0]
        moved = chat.conversation().get("updatedAt")
        for verb, body in (("read", None), ("tag", {"tags": ["later"]})):
            chat.ask(verb, body=body)
            scene.expect(
                f"updatedAt after {verb}",
                lambda: chat.conversation().get("updatedAt"),
                lambda at: not is_time(at) or at >= (moved or 0),
                expected=f"{moved} or later",
            )

    scene.each_kind(check)


def _with_time(chat: Chat) -> tuple[Chat, Any]:
    return chat, chat.conversation().get("updatedAt")


def _has_moved(scene: Scene, probe: Callable[[], Any], *, sent: int, before: Any) -> None:
    scene.expect(
        "updatedAt after a new message",
        lambda: probe().get("updatedAt"),
        lambda at: not is_time(at) or (at >= sent and at > (before if is_time(before) else 0)),
        expected=f"{sent} or later, and later than {before}",
    )


@clause(SOURCE, Basis.INFERRED, operations=READING, slow=True)
def updated_at_rests(scene: Scene) -> None:
    """updatedAt stays while nothing happens in a conversation, whatever happens in others."""
    chats = {kind: scene.fresh_chat(kind, unread=1) for kind in KINDS}
    others = [scene.beside(chat) for chat in chats.values()]
    scene.pause(1.5 * scene.pace.lag_s)
    before = {
        (kind, place): probe().get("updatedAt")
        for kind, chat in chats.items()
        for place, probe in places(chat)
    }
    scene.next_second()
    for other in others:
        if other is not None:
            other.write()

    def check(scene: Scene, kind: str) -> None:
        for place, probe in places(chats[kind]):
            with scene.case(place):
                scene.expect_stays(
                    "updatedAt a second later",
                    lambda probe=probe: probe().get("updatedAt"),  # type: ignore[misc]  # bound early
                    before[kind, place],
                )

    scene.each_kind(check)
