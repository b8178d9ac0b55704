"""The JSON of each resource: one replaceable function for each property of a conversation.

A property whose function returns ABSENT is left out.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Copy, Group, Member, Message, Shown, User
from duologue.mockserver.domain.rule import rule

ABSENT: Final = object()
Body = dict[str, Any]


# --- the properties of a conversation -----------------------------------------------------------


@rule("C1", heading="Conversation properties")
def conversation_id(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return `user_{uid}` or `group_{guid}` with the id of the other party."""
    del shown
    return behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)


@rule(heading="Conversation properties")
def conversation_type(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return `user` or `group`."""
    del behaviours, shown
    return copy.kind


@rule("C2", heading="Conversation properties")
def unread_message_count(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return the number of unread messages as an integer."""
    del behaviours, shown
    return copy.unread_count


@rule("C4", heading="Key behaviors")
def last_message(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return the newest message; ABSENT if it was deleted or never sent."""
    del shown
    message = behaviours.shown_message(copy.last_message)
    if message is None:
        return ABSENT
    name = behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)
    return behaviours.show_message(behaviours, message, name)


@rule("C5", heading="Conversation properties")
def conversation_with(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return the other user, or the group as the owner sees it."""
    peer = copy.peer_is
    body: Body
    if isinstance(peer, User):
        body = behaviours.show_user(peer)
    else:
        body = behaviours.show_group(peer)
        body |= {"scope": copy.scope, "hasJoined": True} if copy.scope else {"hasJoined": False}
    body["conversationId"] = behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)
    return behaviours.show_peer_tags(body, peer, shown)


@rule("B12")
def peer_tags(body: Body, peer: User | Group, shown: Shown) -> Body:
    """Return the other party with its own tags if the request asks for them."""
    if shown.peer_tags:
        body["tags"] = list(peer.tags)
    else:
        body.pop("tags", None)
    return body


@rule("C3", heading="Conversation properties")
def created_at(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return when the conversation began, in UNIX seconds."""
    del behaviours, shown
    return copy.created_at


@rule("C3", heading="Conversation properties")
def updated_at(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return when the conversation was last updated, in UNIX seconds."""
    del behaviours, shown
    return copy.updated_at


@rule("C6")
def tags(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return the owner's tags: always of a single conversation, in a list on request."""
    del behaviours
    return list(copy.tags) if shown.tags else ABSENT


@rule("C7")
def owner(behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
    """Return the owner of the copy if copies of all users are listed; else ABSENT."""
    del behaviours
    return copy.owner if shown.owner else ABSENT


def conversation(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """Return one conversation with all properties that are not ABSENT."""
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
    """Return a user."""
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
    """Return a group."""
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
    """Return a user as a member of a group."""
    body = behaviours.show_user(item.user)
    body.pop("tags", None)
    return body | {"scope": item.scope, "joinedAt": item.joined_at}


@rule("C9")
def message(behaviours: Behaviours, item: Message, conversation_name: str) -> Body:
    """Return a message; a deleted one keeps its place and has no content."""
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


@rule("C9")
def content(item: Message) -> Body:
    """Return the content of a message: its text, or what an action message says."""
    if item.category == "action" and item.type == "message":
        on = {"entity": {"id": item.metadata}, "entityType": "message"}
        return {"action": "deleted", "entities": {"on": on}}
    if item.category == "action":
        return dict(orjson.loads(item.metadata or "{}"))  # as it was stored
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
