"""The JSON of each resource: one replaceable function for each property of a conversation.

A property whose function returns ABSENT is left out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import (
    AuthToken,
    Blocks,
    Copy,
    Group,
    Member,
    Message,
    Shown,
    User,
)
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.store.tags import unpack

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
    if shown.blocks is not None and copy.kind == "user":
        body |= block_info(copy.peer, shown.blocks)
    return behaviours.show_peer_tags(body, peer, shown)


def block_info(uid: str, blocks: Blocks) -> Body:
    """Return whether the caller has blocked the user, and vice versa, and since when."""
    by_me, of_me = blocks.by_me.get(uid), blocks.of_me.get(uid)
    body: Body = {"blockedByMe": by_me is not None, "hasBlockedMe": of_me is not None}
    times = {"blockedByMeAt": by_me, "blockedAt": of_me}
    return body | {name: at for name, at in times.items() if at is not None}


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
        "unreadMentionsCount": copy.unread_mentions,
        "lastReadMessageId": ABSENT if copy.last_read_id is None else str(copy.last_read_id),
        "latestMessageId": ABSENT if copy.latest_id is None else str(copy.latest_id),
    }
    return {name: value for name, value in body.items() if value is not ABSENT}


# --- users, groups, members, messages -----------------------------------------------------------


def user(item: User) -> Body:
    """Return a user."""
    if item.metadata is None:
        return dict(_plain_user(item))
    return _plain_user(item._replace(metadata=None)) | {"metadata": orjson.loads(item.metadata)}


@lru_cache(maxsize=4096)  # one user stands in many places of one answer
def _plain_user(item: User) -> Body:
    """Return a user without metadata; to be copied, since equal users share it."""
    body: Body = {
        "uid": item.uid,
        "name": item.name,
        "avatar": item.avatar,
        "link": item.link,
        "status": item.status,
        "lastActiveAt": item.last_active_at,
        "role": item.role,
        "statusMessage": item.status_message,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }
    return _known(body, tags=item.tags)


def group(item: Group) -> Body:
    """Return a group."""
    if item.metadata is None:
        return dict(_plain_group(item))
    return _plain_group(item._replace(metadata=None)) | {"metadata": orjson.loads(item.metadata)}


@lru_cache(maxsize=4096)
def _plain_group(item: Group) -> Body:
    """Return a group without metadata; to be copied, since equal groups share it."""
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
    return _known(body, tags=item.tags)


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
        "parentId": None if item.parent_id is None else str(item.parent_id),
        "replyCount": item.reply_count or None,
        "muid": item.muid,
        "category": item.category,
        "type": item.type,
        "data": _data(behaviours, item, conversation_name),
        "sentAt": item.sent_at,
        "updatedAt": item.updated_at,
        "deliveredAt": item.delivered_at,
        "readAt": item.read_at,
        "editedAt": item.edited_at,
        "editedBy": item.edited_by,
        "deletedAt": item.deleted_at,
        "deletedBy": item.deleted_by,
    }
    return _known(body, tags=unpack(item.tags)) if item.tags else _known(body)


def _data(behaviours: Behaviours, one: Message, conversation_name: str) -> Any:
    """Return the content with who took part; one replaced by no object stays as it is."""
    body = behaviours.show_content(one)
    if one.is_notice:
        return body | {"entities": _notice_entities(behaviours, one, conversation_name)}
    if one.category == "action" or (one.sender_is is None and one.receiver_is is None):
        return body
    if type(body) is dict:
        body["entities"] = entities(behaviours, one, conversation_name)
        if one.mentioned_are and one.deleted_at is None:
            body["mentions"] = _mentions(behaviours, one)
    return body


def _mentions(behaviours: Behaviours, one: Message) -> Body:
    """Return the mentioned users by their uids, as clients look for them (E182)."""
    found = {user.uid: behaviours.show_user(user) for user in one.mentioned_are}
    for body in found.values():
        body.pop("tags", None)
    return found


def entities(behaviours: Behaviours, one: Message, conversation_name: str) -> Body:
    """Return sender and receiver, whole (readings C9)."""
    return {
        "sender": _entity(behaviours, one.sender_is, one.sender),
        "receiver": _receiver(behaviours, one, conversation_name),
    }


def _entity(behaviours: Behaviours, who: User | None, uid: str) -> Body:
    """Return a user as an entity; one that is not stored, such as the app, by its uid alone."""
    if who is None:
        return {"entity": {"uid": uid, "name": uid}, "entityType": "user"}
    body = behaviours.show_user(who)
    body.pop("tags", None)
    return {"entity": body, "entityType": "user"}


def _receiver(behaviours: Behaviours, one: Message, conversation_name: str) -> Body:
    if not isinstance(one.receiver_is, Group):
        found = _entity(behaviours, one.receiver_is, one.receiver)
    else:
        body = behaviours.show_group(one.receiver_is)
        body.pop("tags", None)
        found = {"entity": body, "entityType": "group"}
    found["entity"]["conversationId"] = conversation_name
    return found


def _notice_entities(behaviours: Behaviours, one: Message, conversation_name: str) -> Body:
    """Return the actor, the receiver and the complete message that was edited or deleted."""
    subject: Body = {"id": one.metadata}
    if one.subject is not None:
        subject = behaviours.show_message(behaviours, one.subject, conversation_name)
    return {
        "by": _entity(behaviours, one.sender_is, one.sender),
        "for": _receiver(behaviours, one, conversation_name),
        "on": {"entity": subject, "entityType": "message"},
    }


def auth_token(one: AuthToken) -> Body:
    """Return a token and its user."""
    return {"uid": one.uid, "authToken": one.text, "createdAt": one.created_at}


@rule("C9")
def content(item: Message) -> Body:
    """Return the content of a message, or what a notice is about."""
    if item.is_notice:
        return {"action": item.text or "deleted"}
    if item.category == "action":
        return dict(orjson.loads(item.metadata or "{}"))  # kept as it was told when it happened
    if item.deleted_at is not None:
        return {}
    rest = {} if item.content is None else orjson.loads(item.content)
    text = {"text": item.text} if item.text or not rest else {}
    return _known(text | rest, metadata=item.metadata)


def _known(body: Body, metadata: str | None = None, tags: tuple[str, ...] = ()) -> Body:
    known = {name: value for name, value in body.items() if value is not None}
    if metadata is not None:
        known["metadata"] = orjson.loads(metadata)
    if tags:
        known["tags"] = list(tags)
    return known
