"""Unread counts far beyond a page, and what the deletion of messages does to them."""

from __future__ import annotations

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.marks import marked
from duologue.contracts.clauses.support.pairs import each_of_a_pair, pair_of
from duologue.contracts.clauses.support.reading import places
from duologue.contracts.clauses.support.steps import counts_exactly
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import count_of
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import NotReached

READING = ["listConversations", "getUserConversation", "getGroupConversation"]
MANY = 103  # more than a page of messages or conversations holds by default


@clause("Readings B4", operations=READING, basis=Basis.INFERRED, slow=True, heavy=True)
def count_has_no_cap(context: CheckContext) -> None:
    """The unread count goes on counting beyond 100."""
    with pair_of(context) as pair:
        conversation = pair["user"]
        conversation.receive()
        before = conversation.view.count()
        conversation.receive(MANY)
        for place, probe in places(conversation):
            with context.case(place):
                context.expect.equal(
                    f"the unread count after {MANY} messages more than {before}",
                    lambda probe=probe: count_of(probe()),  # type: ignore[misc]  # bound early
                    before + MANY,
                )
        marked(context, conversation, "read")


@clause("Readings B4", operations=READING, basis=Basis.INFERRED)
def deletions_take_only_their_own(context: CheckContext) -> None:
    """Deleting a message takes no other one from the unread count, and a read or own one none.

    Whether an unread one still counts when it is deleted, or deleted for good, is not decided.
    """

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        old, own = ([say() for _ in range(2)] for say in (conversation.receive, conversation.write))
        marked(context, conversation, "read")
        new = [conversation.receive() for _ in range(4)]
        counts_exactly(context, conversation, 4)
        for forever, how in ((False, "deleted"), (True, "deleted for good")):
            place = int(forever)
            before = conversation.view.count()
            for what, message in (("a read message", old[place]), ("an own one", own[place])):
                with context.case(f"{what} is {how}"):
                    _is_deleted(context, message, forever=forever)
                    context.expect.stays("the unread count", conversation.view.count, before)
            with context.case(f"an unread message is {how}"):
                _is_deleted(context, new[place], forever=forever)
                context.clock.wait_out_lag()
                context.expect.eventually(
                    "the unread count",
                    conversation.view.count,
                    lambda seen, before=before: seen in (before - 1, before),  # type: ignore[misc]
                    expected=f"{before}, or {before - 1} without it",
                )

    each_of_a_pair(context, check)


def _is_deleted(context: CheckContext, message: SentMessage, *, forever: bool) -> None:
    answer = context.create.unsend(message, forever=forever)
    if not answer.ok:
        raise NotReached(f"deleting a message was answered {answer}")
