"""The marks by operation, one to take on the way, and message ids as requests carry them."""

from __future__ import annotations

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.values import number_in

READS = ["markUserConversationAsRead", "markGroupConversationAsRead"]
DELIVEREDS = ["markUserConversationAsDelivered", "markGroupConversationAsDelivered"]
UNREADS = ["markUserConversationAsUnread", "markGroupConversationAsUnread"]
RESETS = ["resetUserConversation", "resetGroupConversation"]


def marked(context: CheckContext, conversation: ConversationHandle, verb: str) -> None:
    """Mark the whole conversation on the way; raise NotReached where that shows no effect."""
    expected, holds = {
        "read": ("0", lambda count: count == 0),
        "unread": ("1 or more", lambda count: count >= 1),
    }[verb]
    conversation.do(verb)
    context.expect.precondition(
        f"the unread count after {verb}", conversation.view.count, holds, expected=expected
    )


def as_sent(message_id: str) -> int | str:
    """Return a message id in the form that requests carry: an integer where it is one."""
    number = number_in(message_id)
    return message_id if number is None else number
