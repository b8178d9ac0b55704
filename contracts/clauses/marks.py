"""What marking, resetting and deleting do beyond their row of the table, and to whom."""

from __future__ import annotations

from typing import Any

from contracts.chat import Chat
from contracts.clause import Basis, clause
from contracts.clauses.operations import by_id, counts, counts_exactly, id_of, must_delete
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.stage import Message
from contracts.values import is_time

SOURCE = "Available operations"
READS = ["markUserConversationAsRead", "markGroupConversationAsRead"]
DELIVEREDS = ["markUserConversationAsDelivered", "markGroupConversationAsDelivered"]
UNREADS = ["markUserConversationAsUnread", "markGroupConversationAsUnread"]
RESETS = ["resetUserConversation", "resetGroupConversation"]


def both_unread(scene: Scene, kind: str) -> tuple[Chat, Chat, int]:
    """The caller's and the other's view of one conversation, and the other's unread count."""
    chat = scene.fresh_chat(kind, unread=2)
    chat.write(2)
    counts(scene, chat, at_least=2)
    return chat, chat.other_side, counts(scene, chat.other_side, at_least=2)


@clause(SOURCE, Basis.INFERRED, operations=READS)
def read_is_the_callers_alone(scene: Scene) -> None:
    """Marking as read changes the caller's copy; the other side's unread count stays."""

    def check(scene: Scene, kind: str) -> None:
        mine, theirs, before = both_unread(scene, kind)
        mine.do("read")
        scene.expect_stays("the other side's unread count", theirs.count, before)

    scene.each_kind(check)


@clause("Readings B6", Basis.OBSERVED, operations=READS)
def read_up_to_a_message(scene: Scene) -> None:
    """Reading up to a message leaves exactly the messages after it unread."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind, unread=1)
        marked(scene, chat, "read")
        middle = chat.receive(2)
        chat.receive(3)
        counts_exactly(scene, chat, 5)
        chat.taken("read", body={"messageId": as_sent(middle.id)})
        scene.expect_equal("the unread count after reading up to 3 before the end", chat.count, 3)

    scene.each_kind(check)


def marked(scene: Scene, chat: Chat, verb: str) -> None:
    """The whole conversation marked so, on the way; NotReached where that shows no effect."""
    expected, holds = {
        "read": ("0", lambda count: count == 0),
        "unread": ("1 or more", lambda count: count >= 1),
    }[verb]
    chat.do(verb)
    scene.reach(f"the unread count after {verb}", chat.count, holds, expected=expected)


def as_sent(message_id: str) -> int | str:
    """A message id in the form that requests carry: an integer where it is one."""
    return int(message_id) if message_id.isdigit() else message_id


@clause("Readings B7", Basis.OBSERVED, operations=DELIVEREDS)
def delivered_shows_on_the_message(scene: Scene) -> None:
    """Marking as delivered gives the other's messages a deliveredAt, in UNIX seconds.

    No document promises that it shows, so on other targets than the bundled mock it may be absent.
    """

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        message = chat.receive()
        chat.do("delivered")
        scene.expect(
            "deliveredAt of a message that is delivered",
            lambda: _delivered_at(scene, message),
            lambda at: is_time(at) or (at is None and not scene.client.target.shows_receipts),
            expected="UNIX seconds",
        )

    scene.each_kind(check)


def _delivered_at(scene: Scene, message: Message) -> Any:
    path = {"id": message.id}
    answer = scene.client.call("getMessage", caller=message.sender, path=path)
    if not answer.ok or not isinstance(answer.data, dict):
        raise NotReached(f"getMessage was answered {answer}")
    return answer.data.get("deliveredAt")


@clause("Readings B14", Basis.INFERRED, operations=[*READS, *DELIVEREDS, *RESETS])
def repeats_change_nothing(scene: Scene) -> None:
    """Read, delivered and reset may be repeated: done again, and the same state as after one."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        for verb in ("delivered", "read", "reset"):
            chat.receive(2)
            probe = chat.count_in_view if verb == "reset" else chat.count
            before = counts(scene, chat, at_least=2)
            count = before if verb == "delivered" else 0
            with scene.case(verb):
                chat.do(verb)
                scene.reach(
                    f"the unread count after {verb}",
                    probe,
                    lambda seen, count=count: seen == count,  # type: ignore[misc]  # bound early
                    expected=str(count),
                )
                chat.must(verb)
                scene.expect_stays(f"the unread count after {verb} twice", probe, count)

    scene.each_kind(check)


@clause("Readings B8", Basis.OBSERVED, operations=UNREADS)
def unread_after_a_message(scene: Scene) -> None:
    """Marking as unread after a message makes the messages of others behind it unread.

    Whether the named message itself counts is not decided by any document, so both are right.
    """

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        # Not in the middle: the messages up to the one named shall not be as many as those after.
        before = chat.count()
        named = chat.receive(2)
        chat.receive(3)
        counts_exactly(scene, chat, before + 5)
        chat.write()
        marked(scene, chat, "read")
        marked(scene, chat, "unread")
        for form in (as_sent(named.id), named.id):
            marked(scene, chat, "read")
            chat.taken("unread", body={"messageId": form})
            scene.expect(
                "the unread count after unread from the second of five",
                chat.count,
                lambda count: count in (3, 4),
                expected="3, or 4 with the named message itself",
            )

    scene.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=UNREADS)
def unread_is_the_callers_alone(scene: Scene) -> None:
    """Marking as unread changes the caller's copy; the other side's unread count stays."""

    def check(scene: Scene, kind: str) -> None:
        mine, theirs, _ = both_unread(scene, kind)
        for side in (mine, theirs):
            marked(scene, side, "read")
        mine.do("unread")
        scene.expect_stays("the other side's unread count", theirs.count, 0)

    scene.each_kind(check)


@clause(SOURCE, operations=RESETS)
def reset_keeps_the_conversation(scene: Scene) -> None:
    """A reset conversation is still there for the caller, in a GET and in the list, as it was."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        message = chat.receive()
        shows_last(scene, chat, message)
        chat.do("reset")
        scene.pause(1.5 * scene.pace.lag_s)
        scene.expect(
            "fetching a conversation after its reset",
            lambda: chat.ask("get"),
            lambda got: got.ok and chat.owns(got.data),
            expected=f"200 with the conversation with {chat.peer}",
        )
        scene.expect(
            "the row of a conversation in the list after its reset",
            chat.row,
            lambda row: row is not None,
            expected=f"the conversation with {chat.peer}",
        )
        scene.expect(
            "the id of lastMessage after a reset",
            lambda: last_id(chat.conversation()),
            lambda got: got in ids(message.id),
            expected=message.id,
        )

    scene.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=RESETS)
def reset_is_the_callers_alone(scene: Scene) -> None:
    """A reset changes the caller's copy; the other side keeps its conversation and its count."""

    def check(scene: Scene, kind: str) -> None:
        mine, theirs, before = both_unread(scene, kind)
        mine.do("reset")
        scene.expect_stays("the other side's unread count", theirs.count, before)

    scene.each_kind(check)


@clause(SOURCE, operations=["deleteConversation"])
def delete_is_the_callers_alone(scene: Scene) -> None:
    """Deleting a 1-on-1 conversation is for the user who deletes: the other side keeps it."""
    mine, theirs, before = both_unread(scene, "user")
    theirs.do("tag", body={"tags": ["theirs"]})
    scene.reach("their tags", theirs.tags, lambda tags: tags == ["theirs"], expected="['theirs']")
    scene.reach("their count", theirs.count, lambda count: count == before, expected=str(before))
    key = id_of(mine)
    scene.reach(
        "the conversation by its id",
        lambda: by_id(scene, mine.caller, key),
        lambda got: not isinstance(got, str),
        expected="the conversation",
    )
    must_delete(scene, mine.caller, key)
    scene.pause(1.5 * scene.pace.lag_s)
    scene.expect(
        "the other side's conversation after the delete",
        lambda: theirs.ask("get"),
        lambda got: got.ok and theirs.owns(got.data),
        expected=f"200 with the conversation with {theirs.peer}",
    )
    scene.expect_equal("the other side's unread count", theirs.count, before)
    tags: list[str] | None = ["theirs"]
    scene.expect_equal("the other side's tags", theirs.tags, tags)


@clause("Readings B10", Basis.INFERRED, operations=["deleteConversation"])
def delete_ends_with_the_next_message(scene: Scene) -> None:
    """The next message brings a deleted 1-on-1 conversation back, with that message in it."""
    chat = scene.fresh_chat()
    shows_last(scene, chat, chat.receive())
    key = id_of(chat)
    must_delete(scene, chat.caller, key)
    scene.reach(
        "fetching a deleted conversation",
        lambda: by_id(scene, chat.caller, key),
        lambda got: isinstance(got, str),
        expected="a refusal",
    )
    message = chat.receive()
    scene.expect(
        "the conversation after the next message",
        lambda: chat.ask("get"),
        lambda got: got.ok and last_id(got.data) in ids(message.id),
        expected=f"200 with message {message.id} as the last",
    )
    scene.expect(
        "its row in the list after the next message",
        chat.row,
        lambda row: row is not None,
        expected=f"the conversation with {chat.peer}",
    )


def shows_last(scene: Scene, chat: Chat, message: Message) -> None:
    """NotReached unless the message is the last one, and the conversation listed."""
    scene.reach(
        "the id of lastMessage in the list",
        lambda: last_id(chat.listed()),
        lambda got: got in ids(message.id),
        expected=message.id,
    )
    scene.reach(
        "the id of lastMessage",
        lambda: last_id(chat.conversation()),
        lambda got: got in ids(message.id),
        expected=message.id,
    )


def last_id(conversation: Any) -> Any:
    """The id of lastMessage, None where it cannot be read."""
    message = conversation.get("lastMessage") if isinstance(conversation, dict) else None
    return message.get("id") if isinstance(message, dict) else None


def ids(message_id: str) -> tuple[str | int, ...]:
    """The forms a message id may come back in."""
    return (message_id, int(message_id)) if message_id.isdigit() else (message_id,)
