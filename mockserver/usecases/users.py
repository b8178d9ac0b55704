"""The use cases of users and of blocking."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.domain import errors
from duologue.mockserver.domain.model import Page, User
from duologue.mockserver.store import blocks as block_store
from duologue.mockserver.store import tokens as token_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.users import UserFilters
from duologue.mockserver.usecases import named
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import (
    BlockResults,
    Call,
    Deactivation,
    Deletion,
    LoggedInUser,
    ViewedUser,
)

_STATUSES = {"available": "online"}  # as the vendor's clients spell it


def create_user(service: Service, call: Call) -> User | LoggedInUser:
    """Create a user, on request with a token."""
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
            metadata=named.as_json(body.get("metadata")),
            tags=tuple(body.get("tags", ())),
        )
        user_store.add(uow.conn, user)
        if body.get("withAuthToken"):
            return LoggedInUser(user, token_store.issue(uow.conn, uid, now=uow.now).text)
    return user


def list_users(service: Service, call: Call) -> Page[User]:
    """Return a page of the users."""
    uow = service.reading()
    return user_store.page(
        uow.conn, wanted=_filters(call, named.actor(uow, call)), **named.bounds(call.query)
    )


def _filters(call: Call, caller: str | None) -> UserFilters:
    query = call.query
    statuses, uids = query.get("status"), query.get("uids")
    return UserFilters(
        search_key=query.get("searchKey", ""),
        statuses=None if statuses is None else tuple(_STATUSES.get(one, one) for one in statuses),
        roles=(query["role"],) if "role" in query else query.get("roles"),
        search_in=query.get("searchIn", ("name", "uid")),
        tags=query.get("tags"),
        uids=None if uids is None else tuple(one.lower() for one in uids),
        not_blocked_by=caller if query.get("hideBlockedUsers") else None,
        is_deactivated=_is_deactivated(query),
        sort_by=query.get("sortBy", "uid"),
        is_descending=query.get("sortOrder") == "desc",
    )


def _is_deactivated(query: dict[str, Any]) -> bool | None:
    """Return which users a list is of: True the deactivated, False the others, None both."""
    if query.get("onlyDeactivated"):
        return True
    return None if query.get("withDeactivated") else False


def get_user(service: Service, call: Call) -> ViewedUser:
    """Return a user; a caller sees the conversation and the blocks between the two."""
    uow = service.reading()
    caller = named.actor(uow, call)
    user = named.user(uow, call.path["uid"])
    return ViewedUser(user, caller, None if caller is None else block_store.of(uow.conn, caller))


def update_user(service: Service, call: Call) -> User:
    """Change a user by what the body brings."""
    with service.writing_alone() as uow:
        before = named.user(uow, call.path["uid"])
        after = user_store.changed(before, call.body, now=uow.now)
        user_store.put(uow.conn, after)
    return after


def delete_user(service: Service, call: Call) -> Deletion | Deactivation:
    """Remove a user, for good or so that the uid stays taken."""
    with service.writing_alone() as uow:
        user = named.user(uow, call.path["uid"])
        if not call.body.get("permanent", False):
            uow.behaviours.deactivate(uow, user)
            return Deactivation(user.uid)
        uow.behaviours.erase_user(uow, user)
    return Deletion(f"The user {user.uid} is deleted.")


def block_users(service: Service, call: Call) -> BlockResults:
    """Block users for the user in the path, or for the caller."""
    results = {}
    with service.writing_alone() as uow:
        uid = _blocker(uow, call)
        for other in map(uow.behaviours.fold, call.body["blockedUids"]):
            if other == uid or user_store.find(uow.conn, other) is None:
                why = f"{uid} cannot block" if other == uid else "No user has the uid"
                results[other] = (False, f"{why} {other}.")
                continue
            is_new = block_store.add(uow.conn, uid, other, now=uow.now)
            results[other] = (
                True,
                f"{uid} has blocked {other}." if is_new else f"{uid} had blocked {other} already.",
            )
    return BlockResults(results)


def unblock_users(service: Service, call: Call) -> BlockResults:
    """Unblock users for the user in the path, or for the caller."""
    results = {}
    with service.writing_alone() as uow:
        uid = _blocker(uow, call)
        for other in map(uow.behaviours.fold, call.body["blockedUids"]):
            was_there = block_store.remove(uow.conn, uid, other)
            results[other] = (
                True,
                f"{uid} has unblocked {other}." if was_there else f"{uid} had not blocked {other}.",
            )
    return BlockResults(results)


def list_blocked_users(service: Service, call: Call) -> Page[ViewedUser]:
    """Return a page of the users that a user has blocked, or that have blocked the user."""
    uow = service.reading()
    uid = _blocker(uow, call)
    page = block_store.page(
        uow.conn,
        uid,
        direction=call.query.get("direction", "both"),
        search_key=call.query.get("searchKey", ""),
        **named.bounds(call.query),
    )
    blocks = block_store.of(uow.conn, uid)
    shown = tuple(ViewedUser(user, None, blocks) for user in page.items)
    return Page(shown, page.total, page.per_page, page.number)


def _blocker(uow: Any, call: Call) -> str:
    caller = named.actor(uow, call)
    if "uid" in call.path:
        return named.user(uow, call.path["uid"]).uid
    if caller is None:
        raise errors.BadRequest({"onBehalfOf": ["This header is required."]})
    return caller


USE_CASES: dict[str, UseCase] = {
    "createUser": create_user,
    "listUsers": list_users,
    "getUser": get_user,
    "updateUser": update_user,
    "deleteUser": delete_user,
    "blockUsers": block_users,
    "unblockUsers": unblock_users,
    "listBlockedUsers": list_blocked_users,
    "blockUsersOf": block_users,
    "unblockUsersOf": unblock_users,
    "listBlockedUsersOf": list_blocked_users,
}
