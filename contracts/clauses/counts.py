"""Unread counts far beyond a page, and what the deletion of messages does to them."""

from __future__ import annotations

from dataclasses import dataclass

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.marking import marked
from duologue.contracts.clauses.support.pairs import each_of_a_pair
from duologue.contracts.clauses.support.reading import places
from duologue.contracts.clauses.support.steps import counts
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import count_of
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.response import Response

READING = ["listConversations", "getUserConversation", "getGroupConversation"]
MANY = 101  # more than a page of messages or conversations holds by default


@clause("Readings B4", operations=READING, basis=Basis.INFERRED, slow=True, heavy=True)
def count_has_no_cap(context: CheckContext) -> None:
    """The unread count goes on counting beyond 100, with a user and in a group."""
    each_of_a_pair(context, _counts_on)


def _counts_on(context: CheckContext, conversation: ConversationHandle) -> None:
    before = conversation.view.count()
    conversation.receive(MANY)
    for place, probe in places(conversation):
        with context.case(place):
            context.expect.equal(
                f"the unread count after {MANY} messages",
                lambda probe=probe: count_of(probe()),  # type: ignore[misc]  # bound early
                before + MANY,
            )


@dataclass(frozen=True, slots=True)
class MessageDeletion:
    """One deletion of a message, and by how many it may lower the unread count.

    ``forever`` where its place goes, too; ``by_app`` where no user is named who deletes it.
    """

    what: str
    message: SentMessage
    may_take: int = 0
    forever: bool = False
    by_app: bool = False

    def answer(self, context: CheckContext) -> Response:
        """Return the answer to the deletion."""
        if not self.by_app:
            return context.create.unsend(self.message, forever=self.forever)
        return context.client.call("deleteMessage", path={"id": self.message.id})


@clause("Readings B4", operations=READING, basis=Basis.INFERRED)
def deletions_take_only_their_own(context: CheckContext) -> None:
    """Deleting a message takes no other one from the unread count, and a read or own one none.

    Be it deleted by its sender or by the app, for good or not, the newest or the only one.
    Whether an unread one still counts when it is deleted is not decided.
    """

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        only = MessageDeletion("the only message is deleted", conversation.receive(), may_take=1)
        _takes_only_its_own(context, conversation, [only])
        old, own = conversation.receive(), conversation.write()
        marked(context, conversation, "read")
        new = [conversation.receive() for _ in range(5)]
        counts(context, conversation, at_least=len(new) - 1)
        deletions = [
            MessageDeletion("a read message is deleted", old),
            MessageDeletion("an own message is deleted for good", own, forever=True),
            MessageDeletion("the newest message is deleted", new[4], may_take=1),
            MessageDeletion("an unread message is deleted", new[0], may_take=1),
            MessageDeletion(
                "an unread message is deleted by the app", new[1], may_take=1, by_app=True
            ),
            MessageDeletion(
                "an unread message is deleted for good", new[2], may_take=1, forever=True
            ),
        ]
        _takes_only_its_own(context, conversation, deletions)

    context.each_kind(check)


def _takes_only_its_own(
    context: CheckContext, conversation: ConversationHandle, deletions: list[MessageDeletion]
) -> None:
    """Raise Broken where a deletion lowers the unread count by more than it may, or raises it."""

    def judge(deletion: MessageDeletion) -> None:
        before = conversation.view.count_in_view()
        answer = deletion.answer(context)
        if not answer.ok:
            failure = NotStaged if deletion.by_app else NotReached  # the app need not be let
            raise failure(f"deleteMessage was answered {answer}")
        context.clock.wait_out_lag()
        allowed = range(max(before - deletion.may_take, 0), before + 1)
        context.expect.eventually(
            "the unread count",
            conversation.view.count_in_view,
            lambda seen: seen in allowed,
            expected=" or ".join(map(str, allowed)),
        )

    context.each({each.what: lambda each=each: judge(each) for each in deletions})  # type: ignore[misc]
