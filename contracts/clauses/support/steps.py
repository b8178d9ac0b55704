"""Steps that several clauses take on the way: unread counts to start from, and the delete."""

from __future__ import annotations

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import (
    ConversationHandle,
    must_be_done,
    must_say_success,
)
from duologue.contracts.context.expectations import shown
from duologue.contracts.http.response import Response


def counts(context: CheckContext, conversation: ConversationHandle, *, at_least: int) -> int:
    """Return the unread count once it is at least that; raise NotReached where it never is."""
    return context.expect.precondition(
        f"{at_least} messages of the other count as unread",
        conversation.view.count,
        lambda count: count >= at_least,
        expected=f"{at_least} or more",
    )


def counts_exactly(context: CheckContext, conversation: ConversationHandle, wanted: int) -> None:
    """Raise NotReached unless that many messages count as unread."""
    context.expect.precondition(
        "the unread count on the way",
        conversation.view.count,
        lambda count: count == wanted,
        expected=shown(wanted),
    )


def must_delete(context: CheckContext, caller: str, key: str) -> None:
    """Raise Broken unless the deprecated DELETE is answered as done."""
    answer = context.client.call("deleteConversation", caller=caller, path={"conversationId": key})
    must_say_success("deleteConversation", must_be_done("deleteConversation", answer))


def refused(context: CheckContext, operation_id: str, answer: Response) -> None:
    """Raise Broken unless the answer refuses the request itself.

    A refusal is 4xx, whichever (readings B11): the same caller has just had the last allowed value
    taken in the same conversation, so that nothing else can be refused.
    """
    context.expect.that(
        f"{operation_id} with one value past the limit",
        400 <= answer.status < 500,
        expected="a refusal (4xx)",
        actual=answer,
    )


def lone_user(context: CheckContext) -> str:
    """Return the uid of a user of the run who has no conversation, and with whom nobody begins one.

    For what is refused, and for lists without rows.
    """
    uid = context.conversations.shared_user("Lone user")
    context.clock.wait_out_lag()
    return uid


def newcomer(context: CheckContext, name: str) -> str:
    """Return the uid of a new user whom the target knows by now: for what is judged at once."""
    uid = context.create.user(name)
    context.clock.wait_out_lag()
    return uid
