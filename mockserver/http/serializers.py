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


def user(person: User) -> Body:
    """A user."""
    body: Body = {
        "uid": person.uid,
        "name": person.name,
        "avatar": person.avatar,
        "link": person.link,
        "status": "offline",  # nobody is ever connected to a mock
        "role": person.role,
        "statusMessage": person.status_message,
        "createdAt": person.created_at,
        "updatedAt": person.updated_at,
    }
    return _known(body, metadata=person.metadata, tags=person.tags)


def group(circle: Group) -> Body:
    """A group."""
    body: Body = {
        "guid": circle.guid,
        "name": circle.name,
        "description": circle.description,
        "icon": circle.icon,
        "type": circle.type,
        "owner": circle.owner,
        "membersCount": circle.members_count,
        "createdAt": circle.created_at,
        "updatedAt": circle.updated_at,
    }
    return _known(body, metadata=circle.metadata, tags=circle.tags)


def member(behaviours: Behaviours, one: Member) -> Body:
    """A user as a member of a group."""
    body = behaviours.show_user(one.user)
    body.pop("tags", None)
    return body | {"scope": one.scope, "joinedAt": one.joined_at}


def message(behaviours: Behaviours, one: Message, conversation_name: str) -> Body:
    """A message; one that was deleted keeps its place and loses its content."""
    body: Body = {
        "id": str(one.id),
        "conversationId": conversation_name,
        "sender": one.sender,
        "receiverType": one.kind,
        "receiver": one.receiver,
        "category": one.category,
        "type": one.type,
        "data": behaviours.show_content(one),
        "sentAt": one.sent_at,
        "updatedAt": one.updated_at,
        "deliveredAt": one.delivered_at,
        "readAt": one.read_at,
        "deletedAt": one.deleted_at,
        "deletedBy": one.deleted_by,
    }
    return _known(body)


def content(one: Message) -> Body:
    """What a message says: its text, or what a notice tells of."""
    if one.category == "action" and one.type == "message":
        on = {"entity": {"id": one.metadata}, "entityType": "message"}
        return {"action": "deleted", "entities": {"on": on}}
    if one.category == "action":
        return dict(orjson.loads(one.metadata or "{}"))  # kept as it was told when it happened
    if one.deleted_at is not None:
        return {}
    return _known({"text": one.text}, metadata=one.metadata)


def _known(body: Body, metadata: str | None = None, tags: tuple[str, ...] = ()) -> Body:
    known = {name: value for name, value in body.items() if value is not None}
    if metadata is not None:
        known["metadata"] = orjson.loads(metadata)
    if tags:
        known["tags"] = list(tags)
    return known
