"""What a request has changed, as an event: its kind, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.journal_view import value_of


class StateChange(NamedTuple):
    """The kind of an event, and its fields as JSON."""

    kind: str
    fields: dict[str, Any]


# The kind of event for each operation that changes something; what a user does to a conversation
# comes first.
KINDS: Mapping[str, str] = {
    "sendMessage": "message",
    "replyInThread": "message",
    "updateMessage": "message-edited",
    "deleteMessage": "message-deleted",
    "markUserConversationAsRead": "read",
    "markGroupConversationAsRead": "read",
    "markUserConversationAsDelivered": "delivered",
    "markGroupConversationAsDelivered": "delivered",
    "markUserConversationAsUnread": "unread",
    "markGroupConversationAsUnread": "unread",
    "updateUserConversation": "tags",
    "updateGroupConversation": "tags",
    "resetUserConversation": "conversation-reset",
    "resetGroupConversation": "conversation-reset",
    "deleteConversation": "conversation-deleted",
    "createUser": "user",
    "updateUser": "user",
    "updateMe": "user",
    "deleteUser": "user-deleted",
    "deleteMe": "user-deleted",
    "createGroup": "group",
    "updateGroup": "group",
    "transferOwnership": "group",
    "deleteGroup": "group-deleted",
    "addMembers": "members",
    "addMembersByPut": "members",
    "updateMember": "members",
    "kickMember": "members",
    "leaveGroup": "members",
    "banMember": "members",
    "unbanMember": "members",
    "blockUsers": "blocked-users",
    "blockUsersOf": "blocked-users",
    "unblockUsers": "blocked-users",
    "unblockUsersOf": "blocked-users",
    "createAuthToken": "sessions",
    "revokeAuthToken": "sessions",
    "revokeAuthTokens": "sessions",
    "noteSession": "sessions",
}
OTHER = "change"
# The same for the calls of the control plane; every other one that changes something is "control".
CONTROL_KINDS: Mapping[str, str] = {
    "reset": "reset",
    "putWorld": "world",
    "restoreSnapshot": "world",
    "setClock": "clock",
    "advanceClock": "clock",
}
OTHER_CONTROL = "control"


def of_entry(entry: JournalEntry) -> StateChange:
    """Return the change that a request has made."""
    fields: dict[str, Any] = {
        "at": entry.at,
        "operation": entry.operation_id,
        "by": entry.caller,
        "params": dict(entry.params),
    }
    answer = value_of(entry.answer_body)
    if isinstance(answer, dict) and "data" in answer:
        fields["data"] = answer["data"]
    return StateChange(KINDS.get(entry.operation_id or "", OTHER), {**fields, "request": entry.id})
