"""Unread counts far beyond a page, and what the deletion of messages does to them."""

from __future__ import annotations

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.marking import marked
from duologue.contracts.clauses.support.pairs import each_of_a_pair
from duologue.contracts.clauses.support.reading import places
from duologue.contracts.clauses.support.steps import counts_exactly
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import count_of
from duologue.contracts.errors import NotReached

READING = ["listConversations", "getUserConversation", "getGroupConversation"]
MANY = 101  # more than a page of messages or conversations holds by default


@clause("Readings B4", operations=READING, basis=Basis.INFERRED, slow=True, heavy=True)
def count_has_no_cap(context: CheckContext) -> None:
    """The unread count goes on counting beyond 100."""
    conversation = context.conversations.new()
    before = conversation.view.count()
    conversation.receive(MANY)
    for place, probe in places(conversation):
        with context.case(place):
            context.expect.equal(
                f"the unread count after {MANY} messages",
                lambda probe=probe: count_of(probe()),  # type: ignore[misc]  # bound early
                before + MANY,
            )


@clause("Readings B4", operations=READING, basis=Basis.INFERRED)
def deletions_take_only_their_own(context: CheckContext) -> None:
    """Deleting a message takes no other one from the unread count, and a read or own one none.

    Whether an unread one still counts when it is deleted, or deleted for good, is not decided.
    """

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        old, own = conversation.receive(), conversation.write()
        marked(context, conversation, "read")
        new = [conversation.receive() for _ in range(3)]
        counts_exactly(context, conversation, len(new))
        for what, message, forever, may_count in (
            ("a read message is deleted", old, False, False),
            ("an own message is deleted for good", own, True, False),
            ("an unread message is deleted", new[0], False, True),
            ("an unread message is deleted for good", new[1], True, True),
        ):
            before = conversation.view.count()
            answer = context.create.unsend(message, forever=forever)
            if not answer.ok:
                raise NotReached(f"deleting a message was answered {answer}")
            context.clock.wait_out_lag()
            allowed = (before - 1, before) if may_count else (before,)
            with context.case(what):
                context.expect.eventually(
                    "the unread count",
                    conversation.view.count,
                    lambda seen, allowed=allowed: seen in allowed,  # type: ignore[misc]
                    expected=" or ".join(map(str, allowed)),
                )

    each_of_a_pair(context, check)
