"""What a member may do in a group, by its scope (readings B22)."""

from __future__ import annotations

from typing import NamedTuple

from duologue.mockserver.domain import errors, scope_errors
from duologue.mockserver.domain.rule import rule

_RANKS = {"participant": 1, "moderator": 2, "admin": 3}
_OWNER = 4


class Standing(NamedTuple):
    """Who a user is in a group; `scope` is None for somebody who is no member."""

    uid: str
    guid: str
    scope: str | None
    is_owner: bool = False

    @property
    def rank(self) -> int:
        """Return a number that is greater for more rights; 0 for somebody who is no member."""
        if self.scope is None:
            return 0
        return _OWNER if self.is_owner else _RANKS[self.scope]

    def may_moderate(self) -> bool:
        """Return whether the user is moderator, admin or owner."""
        return self.rank >= _RANKS["moderator"]


@rule("B22")
def check_moderator(who: Standing) -> None:
    """Raise GroupNotJoined or NoModeratorScope unless the user is moderator or more."""
    _check_member(who)
    if not who.may_moderate():
        raise scope_errors.NoModeratorScope(who.uid, who.guid)


@rule("B22")
def check_admin(who: Standing) -> None:
    """Raise GroupNotJoined or NoAdminScope unless the user is an admin or the owner."""
    _check_member(who)
    if who.rank < _RANKS["admin"]:
        raise scope_errors.NoAdminScope(who.uid, who.guid)


@rule("B22")
def check_removal(who: Standing, member: Standing) -> None:
    """Raise GroupNotJoined or NoClearance unless the user may kick or ban the member."""
    _check_member(who)
    if not who.may_moderate() or who.rank <= member.rank:
        raise scope_errors.NoClearance(who.uid, member.uid, guid=who.guid)


@rule("B22")
def check_scope_change(who: Standing, member: Standing, scope: str) -> None:
    """Raise GroupNotJoined or NoScopeClearance unless the user may give the member the scope."""
    _check_member(who)
    if who.rank <= member.rank:
        raise scope_errors.NoScopeClearance(who.uid, scope, guid=who.guid)
    check_grant(who, scope)


@rule("B22")
def check_grant(who: Standing, scope: str) -> None:
    """Raise NoScopeClearance unless the user may make somebody a member of the scope."""
    if not who.may_moderate() or who.rank < _RANKS[scope]:
        raise scope_errors.NoScopeClearance(who.uid, scope, guid=who.guid)


@rule("B22")
def check_exit(who: Standing) -> None:
    """Raise OwnerExitForbidden if the user owns the group."""
    if who.is_owner:
        raise scope_errors.OwnerExitForbidden(who.uid, who.guid)


def _check_member(who: Standing) -> None:
    if who.scope is None:
        raise errors.GroupNotJoined(who.uid, who.guid)
