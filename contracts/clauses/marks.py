"""What marking, resetting and deleting do beyond their row of the table, and for which users."""

from __future__ import annotations

from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.marking import (
    DELIVEREDS,
    READS,
    RESETS,
    UNREADS,
    as_sent,
    marked,
)
from duologue.contracts.clauses.support.pairs import each_of_a_pair
from duologue.contracts.clauses.support.reading import by_id, id_of, ids, last_id
from duologue.contracts.clauses.support.steps import counts, counts_exactly, must_delete
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.context.values import is_time
from duologue.contracts.errors import Broken, NotReached, NotStaged, OperationMissing

SOURCE = "Available operations"
THEIR_TAGS = ["theirs"]


def both_unread(
    context: CheckContext, kind: str
) -> tuple[ConversationHandle, ConversationHandle, int]:
    """Return both sides of one conversation with unread messages, and the other's unread count."""
    conversation = context.conversations.pair(kind, unread=1)
    conversation.write()
    counts(context, conversation, at_least=1)
    return (
        conversation,
        conversation.other_side,
        counts(context, conversation.other_side, at_least=1),
    )


@clause(SOURCE, Basis.INFERRED, operations=READS)
def read_is_the_callers_alone(context: CheckContext) -> None:
    """Marking as read changes the caller's copy; the other side's unread count stays."""

    def check(context: CheckContext, kind: str) -> None:
        mine, theirs, before = both_unread(context, kind)
        mine.do("read")
        context.expect.stays("the other side's unread count", theirs.view.count, before)

    context.each_kind(check)


@clause("Readings B6", Basis.OBSERVED, operations=READS)
def read_up_to_a_message(context: CheckContext) -> None:
    """Reading up to a message leaves exactly the messages after it unread."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        marked(context, conversation, "read")
        # Of three: neither all, nor none, nor as many as came up to it.
        middle = conversation.receive(2)
        conversation.receive()
        counts_exactly(context, conversation, 3)
        conversation.must_accept("read", body={"messageId": as_sent(middle.id)})
        context.expect.equal(
            "the unread count after reading up to the second of three", conversation.view.count, 1
        )

    each_of_a_pair(context, check)


@clause("Readings B7", Basis.OBSERVED, operations=DELIVEREDS)
def delivered_shows_on_the_message(context: CheckContext) -> None:
    """Marking as delivered gives the other's messages a deliveredAt, in UNIX seconds.

    Up to a message it gives none to those after it.
    No document promises that it shows, so on other targets than the bundled mock it may be absent.
    """

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        earlier, message = conversation.receive(), conversation.receive()
        if context.client.target.shows_receipts:
            conversation.do("delivered", body={"messageId": as_sent(earlier.id)})
            with context.case("up to the message before"):
                context.expect.equal("deliveredAt", lambda: _delivered_at(context, message), None)
        conversation.do("delivered")
        try:
            context.expect.eventually(
                "deliveredAt of a message that is delivered",
                lambda: _delivered_at(context, message),
                is_time,
                expected="UNIX seconds",
            )
        except Broken:
            if context.client.target.shows_receipts or _delivered_at(context, message) is not None:
                raise
            raise NotStaged("the target shows no deliveredAt on messages") from None

    context.each_kind(check)


def _delivered_at(context: CheckContext, message: SentMessage) -> Any:
    path = {"id": message.id}
    answer = context.client.call("getMessage", caller=message.sender, path=path)
    if not answer.ok or not isinstance(answer.data, dict):
        raise NotReached(f"getMessage was answered {answer}")
    return answer.data.get("deliveredAt")


@clause("Readings B14", Basis.INFERRED, operations=[*READS, *DELIVEREDS, *RESETS])
def repeats_change_nothing(context: CheckContext) -> None:
    """Read, delivered and reset may be repeated: done again, and the same state as after one."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        for verb in ("delivered", "read", "reset"):
            if verb != "read":  # what was delivered is still unread
                conversation.receive()
            probe = conversation.view.count_in_view if verb == "reset" else conversation.view.count
            before = counts(context, conversation, at_least=1)
            count = before if verb == "delivered" else 0
            with context.case(verb):
                conversation.do(verb)
                context.expect.precondition(
                    f"the unread count after {verb}",
                    probe,
                    lambda seen, count=count: seen == count,  # type: ignore[misc]  # bound early
                    expected=shown(count),
                )
                conversation.must(verb)
                context.expect.stays(f"the unread count after {verb} twice", probe, count)

    each_of_a_pair(context, check)


@clause("Readings B8", Basis.OBSERVED, operations=UNREADS)
def unread_after_a_message(context: CheckContext) -> None:
    """Marking as unread after a message makes the messages of others behind it unread.

    Whether the named message itself counts is not decided by any document, so both are right.
    """

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        # Not in the middle: the messages up to the one named must not be as many as those after.
        named = conversation.receive(2)
        before = counts(context, conversation, at_least=2)
        conversation.receive(3)
        counts_exactly(context, conversation, before + 3)
        conversation.write()
        marked(context, conversation, "read")
        marked(context, conversation, "unread")
        for form in (as_sent(named.id), named.id):
            marked(context, conversation, "read")
            conversation.must_accept("unread", body={"messageId": form})
            context.expect.eventually(
                "the unread count after unread from the second of five",
                conversation.view.count,
                lambda count: count in (3, 4),
                expected="3, or 4 with the named message itself",
            )

    context.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=UNREADS)
def unread_is_the_callers_alone(context: CheckContext) -> None:
    """Marking as unread changes the caller's copy; the other side's unread count stays."""

    def check(context: CheckContext, kind: str) -> None:
        mine, theirs, _ = both_unread(context, kind)
        for side in (mine, theirs):
            marked(context, side, "read")
        mine.do("unread")
        context.expect.stays("the other side's unread count", theirs.view.count, 0)

    context.each_kind(check)


@clause(SOURCE, operations=RESETS)
def reset_keeps_the_conversation(context: CheckContext) -> None:
    """A reset conversation is still there for the caller, in a GET and in the list, as it was."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        message = conversation.receive()
        shows_last(context, conversation, message)
        conversation.do("reset")
        context.clock.wait_out_lag()
        context.expect.eventually(
            "fetching a conversation after its reset",
            lambda: conversation.ask("get"),
            lambda got: got.ok and conversation.view.owns(got.data),
            expected=f"200 with the conversation with {conversation.peer}",
        )
        context.expect.eventually(
            "the row of a conversation in the list after its reset",
            conversation.view.row,
            lambda row: row is not None,
            expected=f"the conversation with {conversation.peer}",
        )
        context.expect.eventually(
            "the id of lastMessage after a reset",
            lambda: last_id(conversation.view.fetch()),
            lambda got: got in ids(message.id),
            expected=message.id,
        )

    context.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=RESETS)
def reset_is_the_callers_alone(context: CheckContext) -> None:
    """A reset changes the caller's copy; the other side keeps its conversation and its count."""

    def check(context: CheckContext, kind: str) -> None:
        mine, theirs, before = both_unread(context, kind)
        mine.do("reset")
        context.expect.stays("the other side's unread count", theirs.view.count, before)

    context.each_kind(check)


@clause(SOURCE, operations=["deleteConversation"])
def delete_is_the_callers_alone(context: CheckContext) -> None:
    """Deleting a 1-on-1 conversation is for the user who deletes: the other side keeps it."""
    mine, theirs, before = both_unread(context, "user")
    has_tags = _are_tagged(context, theirs)
    context.expect.precondition(
        "their count", theirs.view.count, lambda count: count == before, expected=shown(before)
    )
    key = id_of(mine)
    must_delete(context, mine.caller, key)
    context.clock.wait_out_lag()
    context.expect.eventually(
        "the other side's conversation after the delete",
        lambda: theirs.ask("get"),
        lambda got: got.ok and theirs.view.owns(got.data),
        expected=f"200 with the conversation with {theirs.peer}",
    )
    context.expect.equal("the other side's unread count", theirs.view.count, before)
    if has_tags:
        context.expect.equal("the other side's tags", theirs.view.tags, THEIR_TAGS)


def _are_tagged(context: CheckContext, theirs: ConversationHandle) -> bool:
    """Tag a conversation; return False where the target has no operation to write or read tags."""
    try:
        theirs.do("tag", body={"tags": THEIR_TAGS})
        context.expect.precondition(
            "their tags",
            theirs.view.tags,
            lambda tags: tags == THEIR_TAGS,
            expected=shown(THEIR_TAGS),
        )
    except OperationMissing:
        return False
    return True


@clause("Readings B10", Basis.INFERRED, operations=["deleteConversation"])
def delete_ends_with_the_next_message(context: CheckContext) -> None:
    """The next message brings a deleted 1-on-1 conversation back, with that message in it."""
    conversation = context.conversations.unstarted()
    shows_last(context, conversation, conversation.receive())
    key = id_of(conversation)
    must_delete(context, conversation.caller, key)
    context.expect.precondition(
        "fetching a deleted conversation",
        lambda: by_id(context, conversation.caller, key),
        lambda got: isinstance(got, str),
        expected="a refusal",
    )
    message = conversation.receive()
    context.expect.eventually(
        "the conversation after the next message",
        lambda: conversation.ask("get"),
        lambda got: got.ok and last_id(got.data) in ids(message.id),
        expected=f"200 with message {message.id} as the last",
    )
    context.expect.eventually(
        "its row in the list after the next message",
        conversation.view.row,
        lambda row: row is not None,
        expected=f"the conversation with {conversation.peer}",
    )


def shows_last(
    context: CheckContext, conversation: ConversationHandle, message: SentMessage
) -> None:
    """Raise NotReached unless the message is the last one and the conversation is listed."""
    context.expect.precondition(
        "the id of lastMessage in the list",
        lambda: last_id(conversation.view.listed()),
        lambda got: got in ids(message.id),
        expected=message.id,
    )
    context.expect.precondition(
        "the id of lastMessage",
        lambda: last_id(conversation.view.fetch()),
        lambda got: got in ids(message.id),
        expected=message.id,
    )
