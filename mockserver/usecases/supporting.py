"""The use cases of the supporting resources: users, groups, members, messages."""

from __future__ import annotations

from typing import Any

import orjson

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.limits import PER_PAGE
from duologue.mockserver.domain.model import Group, Kind, Member, Message, Page, User
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import (
    Call,
    Deactivation,
    Deletion,
    JoinResults,
    ViewedMessage,
)

APP = "app_system"  # who acts where no caller is named (E120)
_SCOPES = {"participants": "participant", "moderators": "moderator", "admins": "admin"}


def create_user(service: Service, call: Call) -> User:
    """Create a user."""
    body = call.body
    uid = service.behaviours.fold(body["uid"])
    with service.writing_alone() as uow:
        if user_store.is_taken(uow.conn, uid):
            raise errors.UidAlreadyExists(uid)
        user = User(
            uid=uid,
            name=body["name"],
            created_at=uow.now,
            avatar=body.get("avatar"),
            link=body.get("link"),
            role=body.get("role", "default"),
            status_message=body.get("statusMessage"),
            metadata=_kept(body.get("metadata")),
            tags=tuple(body.get("tags", ())),
        )
        user_store.add(uow.conn, user)
    return user


def list_users(service: Service, call: Call) -> Page[User]:
    """Return a page of the users."""
    query = call.query
    return user_store.page(
        service.reading().conn, search_key=query.get("searchKey", ""), **_bounds(query)
    )


def get_user(service: Service, call: Call) -> User:
    """Return one user."""
    uow = service.reading()
    _check_actor(uow, call)
    return _user(uow, call.path["uid"])


def delete_user(service: Service, call: Call) -> Deletion | Deactivation:
    """Remove a user for good, or deactivate it so that its uid stays taken."""
    with service.writing_alone() as uow:
        user = _user(uow, call.path["uid"])
        if not call.body.get("permanent", False):
            uow.behaviours.deactivate(uow, user)
            return Deactivation(user.uid)
        uow.behaviours.erase_user(uow, user)
    return Deletion(f"The user {user.uid} is deleted.")


def create_group(service: Service, call: Call) -> Group:
    """Create a group; its owner, or else the caller, is its first member."""
    body, fold = call.body, service.behaviours.fold
    guid = fold(body["guid"])
    owner = body.get("owner", call.caller)
    with service.writing_alone() as uow:
        _check_actor(uow, call)
        if group_store.find(uow.conn, guid) is not None:
            raise errors.GuidAlreadyExists(guid)
        group = Group(
            guid=guid,
            name=body["name"],
            type=body["type"],
            created_at=uow.now,
            owner=None if owner is None else _user(uow, owner).uid,
            icon=body.get("icon"),
            description=body.get("description"),
            metadata=_kept(body.get("metadata")),
            tags=tuple(body.get("tags", ())),
        )
        group_store.add(uow.conn, group)
        if group.owner is not None:
            uow.behaviours.join(uow, guid, group.owner, scope="admin")
        return _group(uow, guid)


def list_groups(service: Service, call: Call) -> Page[Group]:
    """Return a page of the groups."""
    uow, query = service.reading(), call.query
    _check_actor(uow, call)
    return group_store.page(uow.conn, search_key=query.get("searchKey", ""), **_bounds(query))


def get_group(service: Service, call: Call) -> Group:
    """Return one group."""
    uow = service.reading()
    _check_actor(uow, call)
    return _group(uow, call.path["guid"])


def delete_group(service: Service, call: Call) -> Deletion:
    """Remove a group."""
    with service.writing_alone() as uow:
        _check_actor(uow, call)
        group = _group(uow, call.path["guid"])
        uow.behaviours.erase_group(uow, group)
    return Deletion(f"The group {group.guid} is deleted.")


def add_members(service: Service, call: Call) -> JoinResults:
    """Make users members; return the outcome for each uid. A failure stops no other."""
    results: dict[str, dict[str, Refusal | Message | None]] = {}
    with service.writing_alone() as uow:
        by = _check_actor(uow, call) or APP
        guid = _group(uow, call.path["guid"]).guid
        for named, scope in _SCOPES.items():
            for uid in map(uow.behaviours.fold, call.body.get(named, ())):
                outcome = _join(uow, guid, uid, scope=scope, by=by)
                results.setdefault(named, {}).setdefault(uid, outcome)
    return JoinResults(results)


def _join(uow: UnitOfWork, guid: str, uid: str, *, scope: str, by: str) -> Refusal | Message | None:
    user = user_store.find(uow.conn, uid)
    if user is None:
        return errors.UidNotFound(uid)
    if group_store.scope_of(uow.conn, guid, uid) is not None:
        return errors.AlreadyJoined(uid, guid)
    uow.behaviours.join(uow, guid, uid, scope=scope)
    action = "joined" if by == uid else "added"
    return uow.behaviours.note_action(uow, _group(uow, guid), action, by=by, on=user)


def list_members(service: Service, call: Call) -> Page[Member]:
    """Return a page of a group's members."""
    uow = service.reading()
    _check_actor(uow, call)
    guid = _group(uow, call.path["guid"]).guid
    return group_store.members(uow.conn, guid, **_bounds(call.query))


def kick_member(service: Service, call: Call) -> Deletion:
    """End a membership."""
    with service.writing_alone() as uow:
        by = _check_actor(uow, call) or APP
        guid = _group(uow, call.path["guid"]).guid
        user = _user(uow, call.path["uid"])
        if group_store.scope_of(uow.conn, guid, user.uid) is None:
            raise errors.NotAMember(user.uid, guid)
        uow.behaviours.kick(uow, guid, user.uid)
        action = "left" if by == user.uid else "kicked"
        uow.behaviours.note_action(uow, _group(uow, guid), action, by=by, on=user)
    return Deletion(f"{user.uid} is no longer a member of {guid}.")


def send_message(service: Service, call: Call) -> ViewedMessage:
    """Send a message to a user or a group."""
    body, behaviours = call.body, service.behaviours
    kind: Kind = body["receiverType"]
    sender, receiver = behaviours.fold(call.caller or ""), behaviours.fold(body["receiver"])
    content = body["data"]
    with service.writing() as uow:
        uow.lock(sender, kind=kind, peer=receiver)
        found = uow.lookup.find(uow.conn, sender, kind=kind, peer=receiver)
        behaviours.check_caller(sender, found.caller)
        behaviours.check_peer(kind, receiver, found=found.peer)
        if kind == "group":
            behaviours.check_member(sender, receiver, found=found)
        draft = Draft(
            kind, sender, receiver, text=content["text"], metadata=_kept(content.get("metadata"))
        )
        return ViewedMessage(behaviours.send(uow, draft, found), sender)


def list_messages(service: Service, call: Call) -> Page[ViewedMessage]:
    """Return a page of the messages that the caller may see, or of all."""
    uow = service.reading()
    caller = _check_actor(uow, call)
    page = message_store.page(uow.conn, caller=caller, **_bounds(call.query))
    viewed = tuple(ViewedMessage(message, caller) for message in page.items)
    return Page(viewed, page.total, page.per_page, page.number)


def get_message(service: Service, call: Call) -> ViewedMessage:
    """Return one message."""
    uow = service.reading()
    caller = _check_actor(uow, call)
    message = _message(uow, call)
    if caller is not None and not _may_see(uow, message, caller):
        raise errors.MessageNoAccess(caller, "see", message_id=message.id)
    return ViewedMessage(message, caller)


def delete_message(service: Service, call: Call) -> ViewedMessage:
    """Delete a message of the caller; return the notice."""
    with service.writing_alone() as uow:
        caller = _check_actor(uow, call) or ""
        message = _message(uow, call)
        if message.sender != caller:
            raise errors.MessageNoAccess(caller, "delete", message_id=message.id)
        forever = call.body.get("permanent", False)
        notice = uow.behaviours.delete_message(uow, message, by=caller, forever=forever)
        return ViewedMessage(notice, caller)


def _check_actor(uow: UnitOfWork, call: Call) -> str | None:
    if call.caller is None:
        return None
    caller = uow.behaviours.fold(call.caller)
    uow.behaviours.check_caller(caller, user_store.find(uow.conn, caller))
    return caller


def _user(uow: UnitOfWork, uid: str) -> User:
    uid = uow.behaviours.fold(uid)
    user = user_store.find(uow.conn, uid)
    if user is None:
        raise errors.UidNotFound(uid)
    return user


def _group(uow: UnitOfWork, guid: str) -> Group:
    guid = uow.behaviours.fold(guid)
    group = group_store.find(uow.conn, guid)
    if group is None:
        raise errors.GuidNotFound(guid)
    return group


def _message(uow: UnitOfWork, call: Call) -> Message:
    number = int(call.path["id"])
    message = message_store.find(uow.conn, number)
    if message is None:
        raise errors.MessageIdNotFound(number)
    return message


def _may_see(uow: UnitOfWork, message: Message, caller: str) -> bool:
    if message.kind == "group":
        return group_store.scope_of(uow.conn, message.receiver, caller) is not None
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
