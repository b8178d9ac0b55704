"""Who a caller is in a group, and whether that lets them do what they ask for (readings B22).

A request that names no caller is the app's own, and the app may do everything.
"""

from __future__ import annotations

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors, scope_errors, scopes
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Group, Message
from duologue.mockserver.domain.scopes import Standing
from duologue.mockserver.store import members as member_store


def of(uow: UnitOfWork, group: Group, uid: str) -> Standing:
    """Return who a user is in the group."""
    scope = member_store.scope_of(uow.conn, group.guid, uid)
    return Standing(uid, group.guid, scope, group.owner == uid)


def check_moderator(uow: UnitOfWork, group: Group, caller: str | None) -> None:
    """Raise GroupNotJoined or NoModeratorScope unless the caller is moderator or more."""
    if caller is not None:
        scopes.check_moderator(of(uow, group, caller))


def check_admin(uow: UnitOfWork, group: Group, caller: str | None) -> None:
    """Raise GroupNotJoined or NoAdminScope unless the caller is admin or owner."""
    if caller is not None:
        scopes.check_admin(of(uow, group, caller))


def check_removal(uow: UnitOfWork, group: Group, uid: str, *, by: str | None) -> None:
    """Raise GroupNotJoined or NoClearance unless the caller may kick or ban the user."""
    if by is not None and by != APP:
        scopes.check_removal(of(uow, group, by), of(uow, group, uid))


def check_scope_change(
    uow: UnitOfWork, group: Group, uid: str, *, scope: str, by: str | None
) -> None:
    """Raise GroupNotJoined or NoScopeClearance unless the caller may give the user the scope."""
    if by is not None:
        scopes.check_scope_change(of(uow, group, by), of(uow, group, uid), scope)


def check_transfer(uow: UnitOfWork, group: Group, by: str | None) -> None:
    """Raise NoScopeClearance unless the caller owns the group, or is an admin where nobody does."""
    if by is None or by == group.owner:
        return
    if group.owner is not None:
        raise scope_errors.NoScopeClearance(by, "owner", guid=group.guid)
    scopes.check_admin(of(uow, group, by))


def check_adding(who: Standing, to_be: list[str]) -> None:
    """Raise a refusal unless the user may add others with these scopes."""
    scopes.check_moderator(who)
    for scope in to_be:
        scopes.check_grant(who, scope)


def check_joining(uow: UnitOfWork, group: Group, who: Standing, *, password: str | None) -> None:
    """Raise JoinNotAllowed, WrongGroupPassword or BannedMember unless the user may join."""
    if group.type == "private":
        raise scope_errors.JoinNotAllowed(who.uid, group.guid)
    if group.type == "password" and password != group.password:
        raise errors.WrongGroupPassword(group.guid)
    if member_store.is_banned(uow.conn, group.guid, who.uid):
        raise errors.BannedMember(who.uid, group.guid)


def moderates(uow: UnitOfWork, message: Message, uid: str) -> bool:
    """Return whether the user is moderator or more of the group that the message went to."""
    if message.kind != "group":
        return False
    scope = member_store.scope_of(uow.conn, message.receiver, uid)
    return Standing(uid, message.receiver, scope).may_moderate()
