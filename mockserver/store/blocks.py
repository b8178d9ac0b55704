"""Blocks between users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Blocks, Page, User
from duologue.mockserver.store import schema, users
from duologue.mockserver.store.prepared import PreparedStatement

_blocks, _users = schema.blocks, schema.users
# Every list of conversations asks this, so it goes straight to the driver.
_ANY = PreparedStatement(select(_blocks.c.uid).where(_blocks.c.uid == bindparam("wanted")).limit(1))


_PAIR = PreparedStatement(  # and each message to a user asks this
    select(_blocks.c.uid).where(
        _blocks.c.uid == bindparam("wanted"), _blocks.c.blocked == bindparam("other")
    )
)


def add(conn: Connection, uid: str, blocked: str, *, now: int) -> bool:
    """Let a user block another; return False where it is so already."""
    if has_blocked(conn, uid, blocked):
        return False
    conn.execute(insert(_blocks), {"uid": uid, "blocked": blocked, "blocked_at": now})
    return True


def remove(conn: Connection, uid: str, blocked: str) -> bool:
    """Lift a block; return False where there is none."""
    this = (_blocks.c.uid == uid, _blocks.c.blocked == blocked)
    return conn.execute(delete(_blocks).where(*this)).rowcount > 0


def has_blocked(conn: Connection, uid: str, other: str) -> bool:
    """Return whether a user has blocked the other one."""
    return _PAIR.first(conn, {"wanted": uid, "other": other}) is not None


def has_any(conn: Connection, uid: str | None) -> bool:
    """Return whether the user, or anybody, has blocked somebody."""
    if uid is None:
        return conn.execute(select(_blocks.c.uid).limit(1)).first() is not None
    return _ANY.first(conn, {"wanted": uid}) is not None


def of(conn: Connection, uid: str) -> Blocks:
    """Return the users that a user has blocked and those that have blocked it, with the times."""
    return Blocks(_times(conn, "uid", uid), _times(conn, "blocked", uid))


def _times(conn: Connection, side: str, uid: str) -> Mapping[str, int]:
    other = _blocks.c.blocked if side == "uid" else _blocks.c.uid
    found = conn.execute(select(other, _blocks.c.blocked_at).where(_blocks.c[side] == uid))
    return {name: at for name, at in found}  # noqa: C416  rows are no tuples to the type checker


def page(
    conn: Connection, uid: str, *, direction: str, search_key: str, per_page: int, number: int
) -> Page[User]:
    """Return the users on the other side of the user's blocks, by uid.

    `direction` is `blockedByMe`, `hasBlockedMe` or `both`.
    """
    mine = select(_blocks.c.blocked).where(_blocks.c.uid == uid)
    theirs = select(_blocks.c.uid).where(_blocks.c.blocked == uid)
    sides: dict[str, Any] = {
        "blockedByMe": _users.c.uid.in_(mine),
        "hasBlockedMe": _users.c.uid.in_(theirs),
        "both": or_(_users.c.uid.in_(mine), _users.c.uid.in_(theirs)),
    }
    wanted = [sides[direction], _users.c.deactivated_at.is_(None)]
    if search_key:
        wanted.append(func.holds(_users.c.search_name, search_key.casefold()))
    return users.page_of(conn, *wanted, per_page=per_page, number=number)
