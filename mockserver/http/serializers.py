"""How each thing is shown: one function per property, each a replaceable part.

A conversation's properties are asked for one by one (`Conversation properties` on the page); one
that gives ABSENT is left out.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Copy, Group, Member, Message, Shown, User

ABSENT: Final = object()
Body = dict[str, Any]


# --- the properties of a conversation -----------------------------------------------------------


def conversation_id(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """`user_{uid}` or `group_{guid}`, with the other party's id (Conversation properties)."""
    del shown
    return behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)


def conversation_type(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """`user` or `group` (Conversation properties)."""
    del behaviours, shown
    return copy.kind


def unread_message_count(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """How many messages are unread, as an integer (Conversation properties)."""
    del behaviours, shown
    return copy.unread_count


def last_message(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """The newest message; left out where it was deleted or never sent (Key behaviors)."""
    del shown
    message = behaviours.shown_message(copy.last_message)
    if message is None:
        return ABSENT
    name = behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)
    return behaviours.show_message(behaviours, message, name)


def conversation_with(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """The other user, or the group as the owner sees it (Conversation properties)."""
    peer = copy.peer_is
    body: Body
    if isinstance(peer, User):
        body = behaviours.show_user(peer)
    else:
        body = behaviours.show_group(peer)
        body |= {"scope": copy.scope, "hasJoined": True} if copy.scope else {"hasJoined": False}
    body["conversationId"] = behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)
    return behaviours.show_peer_tags(body, peer, shown)


def peer_tags(body: Body, peer: User | Group, shown: Shown) -> Body:
    """The other party with or without its own tags (readings B12, withUserAndGroupTags)."""
    if shown.peer_tags:
        body["tags"] = list(peer.tags)
    else:
        body.pop("tags", None)
    return body


def created_at(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """When the conversation began, in UNIX seconds (Conversation properties)."""
    del behaviours, shown
    return copy.created_at


def updated_at(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """When it was last updated, in UNIX seconds (Conversation properties)."""
    del behaviours, shown
    return copy.updated_at


def tags(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """The owner's tags: of a single conversation always, in a list on request (readings C6)."""
    del behaviours
    return list(copy.tags) if shown.tags else ABSENT


def owner(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Whose copy it is, where the whole app is listed (readings C7)."""
    del behaviours
    return copy.owner if shown.owner else ABSENT


def conversation(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """One conversation with the properties that have a value."""
    body = {
        "conversationId": behaviours.show_conversation_id(behaviours, copy, shown),
        "conversationType": behaviours.show_conversation_type(behaviours, copy, shown),
        "unreadMessageCount": behaviours.show_unread_message_count(behaviours, copy, shown),
        "lastMessage": behaviours.show_last_message(behaviours, copy, shown),
        "conversationWith": behaviours.show_conversation_with(behaviours, copy, shown),
        "createdAt": behaviours.show_created_at(behaviours, copy, shown),
        "updatedAt": behaviours.show_updated_at(behaviours, copy, shown),
        "tags": behaviours.show_tags(behaviours, copy, shown),
        "uid": behaviours.show_owner(behaviours, copy, shown),
    }
    return {name: value for name, value in body.items() if value is not ABSENT}


# --- users, groups, members, messages -----------------------------------------------------------


def user(item: User) -> Body:
    """A user."""
    body: Body = {
        "uid": item.uid,
        "name": item.name,
        "avatar": item.avatar,
        "link": item.link,
        "status": "offline",  # nobody is ever connected to a mock
        "role": item.role,
        "statusMessage": item.status_message,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }
    return _known(body, metadata=item.metadata, tags=item.tags)


def group(item: Group) -> Body:
    """A group."""
    body: Body = {
        "guid": item.guid,
        "name": item.name,
        "description": item.description,
        "icon": item.icon,
        "type": item.type,
        "owner": item.owner,
        "membersCount": item.members_count,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }
    return _known(body, metadata=item.metadata, tags=item.tags)


def member(behaviours: Behaviours, item: Member) -> Body:
    """A user as a member of a group."""
    body = behaviours.show_user(item.user)
    body.pop("tags", None)
    return body | {"scope": item.scope, "joinedAt": item.joined_at}


def message(behaviours: Behaviours, item: Message, conversation_name: str) -> Body:
    """A message; one that was deleted keeps its place and loses its content."""
    body: Body = {
        "id": str(item.id),
        "conversationId": conversation_name,
        "sender": item.sender,
        "receiverType": item.kind,
        "receiver": item.receiver,
        "category": item.category,
        "type": item.type,
        "data": behaviours.show_content(item),
        "sentAt": item.sent_at,
        "updatedAt": item.updated_at,
        "deliveredAt": item.delivered_at,
        "readAt": item.read_at,
        "deletedAt": item.deleted_at,
        "deletedBy": item.deleted_by,
    }
    return _known(body)


def content(item: Message) -> Body:
    """What a message says: its text, or what a notice tells of."""
    if item.category == "action" and item.type == "message":
        on = {"entity": {"id": item.metadata}, "entityType": "message"}
        return {"action": "deleted", "entities": {"on": on}}
    if item.category == "action":
        return dict(orjson.loads(item.metadata or "{}"))  # kept as it was told when it happened
    if item.deleted_at is not None:
        return {}
    return _known({"text": item.text}, metadata=item.metadata)


def _known(body: Body, metadata: str | None = None, tags: tuple[str, ...] = ()) -> Body:
    known = {name: value for name, value in body.items() if value is not None}
    if metadata is not None:
        known["metadata"] = orjson.loads(metadata)
    if tags:
        known["tags"] = list(tags)
    return known
