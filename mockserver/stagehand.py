"""The use cases of the supporting resources: users, groups, members, messages."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from mockserver.desk import Desk
from mockserver.domain import errors
from mockserver.domain.errors import Refusal
from mockserver.domain.limits import PER_PAGE
from mockserver.domain.model import Group, Kind, Member, Message, Page, User
from mockserver.service import Call, Service, UseCase
from mockserver.store import circles, people, talk
from mockserver.store.talk import Draft

APP = "app_system"  # who acts where no caller is named (api facts, section 5)
_SCOPES = {"participants": "participant", "moderators": "moderator", "admins": "admin"}


class Told(NamedTuple):
    """A message, and in whose eyes it is shown."""

    message: Message
    viewer: str | None


class Joined(NamedTuple):
    """For each scope asked for and each uid in it, why it did not work; None where it did.

    A message where it did and the conversation tells of it.
    """

    results: dict[str, dict[str, Refusal | Message | None]]


class Gone(NamedTuple):
    """Something was taken out of the app."""

    text: str


class Deactivated(NamedTuple):
    """A user is found no more."""

    uid: str


def create_user(service: Service, call: Call) -> User:
    """A new user."""
    body = call.body
    uid = service.parts.fold(body["uid"])
    with service.writing_alone() as desk:
        if people.is_taken(desk.run, uid):
            raise errors.UidAlreadyExists(uid)
        user = User(
            uid=uid,
            name=body["name"],
            created_at=desk.now,
            avatar=body.get("avatar"),
            link=body.get("link"),
            role=body.get("role", "default"),
            status_message=body.get("statusMessage"),
            metadata=_kept(body.get("metadata")),
            tags=tuple(body.get("tags", ())),
        )
        people.add(desk.run, user)
    return user


def list_users(service: Service, call: Call) -> Page[User]:
    """A page of the users."""
    query = call.query
    return people.page(
        service.reading().run, search_key=query.get("searchKey", ""), **_bounds(query)
    )


def get_user(service: Service, call: Call) -> User:
    """One user."""
    desk = service.reading()
    _check_actor(desk, call)
    return _user(desk, call.path["uid"])


def delete_user(service: Service, call: Call) -> Gone | Deactivated:
    """A user taken out of the app, for good or so that his uid stays taken."""
    with service.writing_alone() as desk:
        user = _user(desk, call.path["uid"])
        if not call.body.get("permanent", False):
            desk.parts.deactivate(desk, user)
            return Deactivated(user.uid)
        desk.parts.erase_user(desk, user)
    return Gone(f"The user {user.uid} is deleted.")


def create_group(service: Service, call: Call) -> Group:
    """A new group; its owner, or else the caller, is its first member."""
    body, fold = call.body, service.parts.fold
    guid = fold(body["guid"])
    owner = body.get("owner", call.caller)
    with service.writing_alone() as desk:
        _check_actor(desk, call)
        if circles.find(desk.run, guid) is not None:
            raise errors.GuidAlreadyExists(guid)
        group = Group(
            guid=guid,
            name=body["name"],
            type=body["type"],
            created_at=desk.now,
            owner=None if owner is None else _user(desk, owner).uid,
            icon=body.get("icon"),
            description=body.get("description"),
            metadata=_kept(body.get("metadata")),
            tags=tuple(body.get("tags", ())),
        )
        circles.add(desk.run, group)
        if group.owner is not None:
            desk.parts.join(desk, guid, group.owner, scope="admin")
        return _group(desk, guid)


def list_groups(service: Service, call: Call) -> Page[Group]:
    """A page of the groups."""
    desk, query = service.reading(), call.query
    _check_actor(desk, call)
    return circles.page(desk.run, search_key=query.get("searchKey", ""), **_bounds(query))


def get_group(service: Service, call: Call) -> Group:
    """One group."""
    desk = service.reading()
    _check_actor(desk, call)
    return _group(desk, call.path["guid"])


def delete_group(service: Service, call: Call) -> Gone:
    """A group taken out of the app."""
    with service.writing_alone() as desk:
        _check_actor(desk, call)
        group = _group(desk, call.path["guid"])
        desk.parts.erase_group(desk, group)
    return Gone(f"The group {group.guid} is deleted.")


def add_members(service: Service, call: Call) -> Joined:
    """The result for each uid that shall join; one that fails stops no other."""
    results: dict[str, dict[str, Refusal | Message | None]] = {}
    with service.writing_alone() as desk:
        by = _check_actor(desk, call) or APP
        guid = _group(desk, call.path["guid"]).guid
        for named, scope in _SCOPES.items():
            for uid in map(desk.parts.fold, call.body.get(named, ())):
                outcome = _join(desk, guid, uid, scope=scope, by=by)
                results.setdefault(named, {}).setdefault(uid, outcome)
    return Joined(results)


def _join(desk: Desk, guid: str, uid: str, *, scope: str, by: str) -> Refusal | Message | None:
    user = people.find(desk.run, uid)
    if user is None:
        return errors.UidNotFound(uid)
    if circles.scope_of(desk.run, guid, uid) is not None:
        return errors.AlreadyJoined(uid, guid)
    desk.parts.join(desk, guid, uid, scope=scope)
    action = "joined" if by == uid else "added"
    return desk.parts.note_action(desk, _group(desk, guid), action, by=by, on=user)


def list_members(service: Service, call: Call) -> Page[Member]:
    """A page of a group's members."""
    desk = service.reading()
    _check_actor(desk, call)
    guid = _group(desk, call.path["guid"]).guid
    return circles.members(desk.run, guid, **_bounds(call.query))


def kick_member(service: Service, call: Call) -> Gone:
    """A membership ended."""
    with service.writing_alone() as desk:
        by = _check_actor(desk, call) or APP
        guid = _group(desk, call.path["guid"]).guid
        user = _user(desk, call.path["uid"])
        if circles.scope_of(desk.run, guid, user.uid) is None:
            raise errors.NotAMember(user.uid, guid)
        desk.parts.kick(desk, guid, user.uid)
        action = "left" if by == user.uid else "kicked"
        desk.parts.note_action(desk, _group(desk, guid), action, by=by, on=user)
    return Gone(f"{user.uid} is no longer a member of {guid}.")


def send_message(service: Service, call: Call) -> Told:
    """A message sent to a user or a group."""
    body, parts = call.body, service.parts
    kind: Kind = body["receiverType"]
    sender, receiver = parts.fold(call.caller or ""), parts.fold(body["receiver"])
    content = body["data"]
    with service.writing() as desk:
        desk.lock(sender, kind=kind, peer=receiver)
        sight = desk.looking.look(desk.run, sender, kind=kind, peer=receiver)
        parts.check_caller(sender, sight.caller)
        parts.check_peer(kind, receiver, found=sight.peer)
        if kind == "group":
            parts.check_member(sender, receiver, sight=sight)
        draft = Draft(
            kind, sender, receiver, text=content["text"], metadata=_kept(content.get("metadata"))
        )
        return Told(parts.send(desk, draft, sight), sender)


def list_messages(service: Service, call: Call) -> Page[Told]:
    """A page of the messages that the caller may see, or of all."""
    desk = service.reading()
    caller = _check_actor(desk, call)
    page = talk.page(desk.run, caller=caller, **_bounds(call.query))
    told = tuple(Told(message, caller) for message in page.items)
    return Page(told, page.total, page.per_page, page.number)


def get_message(service: Service, call: Call) -> Told:
    """One message."""
    desk = service.reading()
    caller = _check_actor(desk, call)
    message = _message(desk, call)
    if caller is not None and not _may_see(desk, message, caller):
        raise errors.MessageNoAccess(caller, "see", message_id=message.id)
    return Told(message, caller)


def delete_message(service: Service, call: Call) -> Told:
    """The notice that a message of the caller's is deleted."""
    with service.writing_alone() as desk:
        caller = _check_actor(desk, call) or ""
        message = _message(desk, call)
        if message.sender != caller:
            raise errors.MessageNoAccess(caller, "delete", message_id=message.id)
        forever = call.body.get("permanent", False)
        notice = desk.parts.delete_message(desk, message, by=caller, forever=forever)
        return Told(notice, caller)


def _check_actor(desk: Desk, call: Call) -> str | None:
    if call.caller is None:
        return None
    caller = desk.parts.fold(call.caller)
    desk.parts.check_caller(caller, people.find(desk.run, caller))
    return caller


def _user(desk: Desk, uid: str) -> User:
    uid = desk.parts.fold(uid)
    user = people.find(desk.run, uid)
    if user is None:
        raise errors.UidNotFound(uid)
    return user


def _group(desk: Desk, guid: str) -> Group:
    guid = desk.parts.fold(guid)
    group = circles.find(desk.run, guid)
    if group is None:
        raise errors.GuidNotFound(guid)
    return group


def _message(desk: Desk, call: Call) -> Message:
    number = int(call.path["id"])
    message = talk.find(desk.run, number)
    if message is None:
        raise errors.MessageIdNotFound(number)
    return message


def _may_see(desk: Desk, message: Message, caller: str) -> bool:
    if message.kind == "group":
        return circles.scope_of(desk.run, message.receiver, caller) is not None
    return caller in (message.sender, message.receiver)


def _bounds(query: dict[str, Any]) -> dict[str, int]:
    return {"per_page": query.get("perPage", PER_PAGE), "number": query.get("page", 1)}


def _kept(metadata: object) -> str | None:
    return None if metadata is None else orjson.dumps(metadata).decode()


USE_CASES: dict[str, UseCase] = {
    "createUser": create_user,
    "listUsers": list_users,
    "getUser": get_user,
    "deleteUser": delete_user,
    "createGroup": create_group,
    "listGroups": list_groups,
    "getGroup": get_group,
    "deleteGroup": delete_group,
    "addMembers": add_members,
    "listMembers": list_members,
    "kickMember": kick_member,
    "sendMessage": send_message,
    "listMessages": list_messages,
    "getMessage": get_message,
    "deleteMessage": delete_message,
}
