"""What a request names: a caller, a user, a group, a message, a page; each found or refused."""

from __future__ import annotations

from typing import Any

import orjson

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.limits import PER_PAGE
from duologue.mockserver.domain.model import Group, Message, User
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.usecases.types import Call


def actor(uow: UnitOfWork, call: Call) -> str | None:
    """Return the caller's uid, None where no caller is named; raise UidNotFound if unknown."""
    if call.caller is None:
        return None
    caller = uow.behaviours.fold(call.caller)
    uow.behaviours.check_caller(caller, user_store.find(uow.conn, caller))
    return caller


def user(uow: UnitOfWork, uid: str) -> User:
    """Return the user; raise UidNotFound."""
    uid = uow.behaviours.fold(uid)
    found = user_store.find(uow.conn, uid)
    if found is None:
        raise errors.UidNotFound(uid)
    return found


def group(uow: UnitOfWork, guid: str) -> Group:
    """Return the group; raise GuidNotFound."""
    guid = uow.behaviours.fold(guid)
    found = group_store.find(uow.conn, guid)
    if found is None:
        raise errors.GuidNotFound(guid)
    return found


def message(uow: UnitOfWork, call: Call) -> Message:
    """Return the message in the path; raise MessageIdNotFound."""
    number = int(call.path["id"])
    found = message_store.find(uow.conn, number)
    if found is None:
        raise errors.MessageIdNotFound(number)
    return found


def message_to_change(uow: UnitOfWork, call: Call) -> Message:
    """Return the message in the path once nobody else writes its conversation; as `message`."""
    found = message(uow, call)
    uow.lock(found.sender, kind=found.kind, peer=found.receiver)
    return message(uow, call)  # again: who had the lock before may have changed it


def visible_message(uow: UnitOfWork, call: Call, caller: str | None) -> Message:
    """Return the message in the path; raise MessageNoAccess if the caller has no part in it."""
    found = message(uow, call)
    if caller is not None and not _may_see(uow, found, caller):
        raise errors.MessageNoAccess(caller, "see", message_id=found.id)
    return found


def _may_see(uow: UnitOfWork, one: Message, caller: str) -> bool:
    if one.kind == "group":
        return member_store.scope_of(uow.conn, one.receiver, caller) is not None
    return caller in (one.sender, one.receiver)


def bounds(query: dict[str, Any]) -> dict[str, int]:
    """Return the page that a query asks for, as `per_page` and `number`."""
    per_page = query.get("limit", query.get("perPage", PER_PAGE))
    return {"per_page": per_page, "number": query.get("page", 1)}


def as_json(value: object) -> str | None:
    """Return the value as JSON text to be kept; None for none. An empty list is an empty object."""
    return None if value is None else orjson.dumps({} if value == [] else value).decode()
