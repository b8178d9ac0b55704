"""Steps that several clauses take on the way: unread counts to start from, and the delete."""

from __future__ import annotations

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import (
    ConversationHandle,
    must_be_done,
    must_say_success,
)


def counts(context: CheckContext, conversation: ConversationHandle, *, at_least: int) -> int:
    """The unread count once that many messages show as unread: what a clause starts from."""
    return context.reach(
        f"{at_least} messages of the other count as unread",
        conversation.count,
        lambda count: count >= at_least,
        expected=f"{at_least} or more",
    )


def counts_exactly(context: CheckContext, conversation: ConversationHandle, wanted: int) -> None:
    """NotReached unless that many messages count as unread."""
    context.reach(
        "the unread count on the way",
        conversation.count,
        lambda count: count == wanted,
        expected=str(wanted),
    )


def must_delete(context: CheckContext, caller: str, key: str) -> None:
    """Broken unless the deprecated DELETE is answered as done."""
    answer = context.client.call("deleteConversation", caller=caller, path={"conversationId": key})
    must_say_success("deleteConversation", must_be_done("deleteConversation", answer))
