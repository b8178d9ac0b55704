"""The table of rules: which behaviour decides a property, and the clause behind it.

A row applies only where its behaviours were recorded, so a superfluous row does no harm. `{kind}`
stands for user or group.
"""

from __future__ import annotations

from typing import NamedTuple


class RuleRow(NamedTuple):
    """If `effect` and `behaviour` were recorded, `behaviour` decided, as `clause` states."""

    effect: str
    behaviour: str
    clause: str | None = None
    with_message: str | None = None  # the clause where the request names a message


# The effects that may change a property. The first matching row decides.
CHANGED: dict[str, tuple[RuleRow, ...]] = {
    "unreadMessageCount": (
        RuleRow(
            "mark_read",
            "read_through",
            "operations.mark-{kind}-conversation-as-read",
            "marks.read-up-to-a-message",
        ),
        RuleRow(
            "mark_unread",
            "unread_after",
            "operations.mark-{kind}-conversation-as-unread",
            "marks.unread-after-a-message",
        ),
        RuleRow("reset", "read_by_reset", "operations.reset-{kind}-conversation"),
        RuleRow("reset", "erases_messages", "operations.reset-{kind}-conversation"),
        RuleRow("delete", "hidden_by_delete", "operations.delete-conversation"),
        RuleRow("delete_message", "unread_count", "properties.unread-message-count-counts"),
        RuleRow("erase_user", "unread_count", "properties.unread-message-count-counts"),
        RuleRow("send", "counts_message", "properties.unread-message-count-counts"),
    ),
    "lastMessage": (
        RuleRow("delete_message", "shown_message", "key-behaviors.deleted-last-message-is-hidden"),
        RuleRow("erase_user", "shown_message", "key-behaviors.deleted-last-message-is-hidden"),
        RuleRow("reset", "erases_messages"),
        RuleRow("send", "moves_last_message", "connections.last-message-is-the-newest"),
    ),
    "lastMessage.readAt": (RuleRow("mark_read", "mark_read"),),
    "lastMessage.deliveredAt": (
        RuleRow(
            "mark_delivered",
            "mark_delivered",
            "operations.mark-{kind}-conversation-as-delivered",
        ),
    ),
    "createdAt": (
        RuleRow("send", "send", "key-behaviors.{kind}-conversation-starts-with-a-message"),
    ),
    "updatedAt": (
        RuleRow("send", "moves_updated_at", "properties.updated-at-moves-with-messages"),
    ),
    "tags": (
        RuleRow("update_tags", "kept_tags", "key-behaviors.tags-are-replaced"),
        RuleRow("delete", "hidden_by_delete", "operations.delete-conversation"),
    ),
    "error.code": (
        RuleRow("delete", "hidden_by_delete", "operations.delete-conversation"),
        RuleRow("reset", "hidden_by_delete", "operations.reset-{kind}-conversation"),
    ),
}

# The behaviour that decides a property that no effect has changed.
UNCHANGED: dict[str, tuple[str, str | None]] = {
    "conversationId": ("conversation_id", "properties.conversation-id-format"),
    "conversationType": ("show_conversation_type", "properties.conversation-type"),
    "unreadMessageCount": ("unread_count", "properties.unread-message-count-counts"),
    "lastMessage": ("shown_message", "connections.last-message-is-the-newest"),
    "createdAt": ("show_created_at", "properties.created-at-stays"),
    "updatedAt": ("show_updated_at", "properties.updated-at-moves-with-messages"),
    "tags": ("show_tags", "key-behaviors.tags-are-the-callers-alone"),
    "uid": ("show_owner", "listing.whole-app"),
    "data": ("newest_first", "listing.newest-first"),
    "meta.pagination.total": ("show_pagination", "listing.pagination-adds-up"),
    "query.conversationType": ("of_type", "listing.conversation-type-filter"),
    "query.unread": ("with_unread", "listing.unread-filter"),
    "query.tags": ("tagged", "listing.tags-filter"),
    "query.userTags": ("with_tagged_user", "listing.user-tags-filter"),
    "query.groupTags": ("with_tagged_group", "listing.group-tags-filter"),
    "query.searchKey": ("with_name_like", "listing.search-key-filter"),
    "query.withTags": ("show_tags", "listing.with-tags"),
    "query.withUserAndGroupTags": ("show_peer_tags", "listing.with-user-and-group-tags"),
    "query.perPage": ("page_bounds", "listing.page-size"),
    "query.page": ("page_bounds", "listing.pages-follow-each-other"),
}
# The properties that name a conversation; they depend on the request, not on the state.
NAMES = {"conversationId", "conversationType", "conversationWith"}
CONVERSATION_WITH = {
    "user": "connections.conversation-with-is-the-other-user",
    "group": "connections.conversation-with-is-the-group",
}
DELETED = "key-behaviors.deleted-last-message-is-hidden"
NEW_GROUP = "key-behaviors.new-group-has-no-last-message"

# The rules by which a sent message does not change a property.
LEFT_BY_SEND: dict[str, RuleRow] = {
    "unreadMessageCount": RuleRow(
        "send", "counts_message", "key-behaviors.crowded-group-keeps-count"
    ),
    "lastMessage": RuleRow(
        "send", "moves_last_message", "key-behaviors.crowded-group-keeps-last-message"
    ),
    "updatedAt": RuleRow(
        "send", "moves_updated_at", "key-behaviors.crowded-group-keeps-updated-at"
    ),
}
LEFT_BY_OWN_SEND = RuleRow("send", "unread_count", "properties.own-messages-never-count")

EFFECTS = (
    "send", "mark_read", "mark_unread", "mark_delivered", "reset", "delete", "update_tags",
    "delete_message", "join", "kick", "deactivate", "erase_user", "erase_group",
)  # fmt: skip
