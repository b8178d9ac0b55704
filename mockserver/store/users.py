"""Users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import BindParameter

from duologue.mockserver.domain.model import Page, User
from duologue.mockserver.store import rows, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import pack

_users, _groups = schema.users, schema.groups
_copies, _conversations, _messages = schema.copies, schema.conversations, schema.messages

_FIND = PreparedStatement(
    select(*rows.columns(_users, rows.USER_FIELDS)).where(
        _users.c.uid == bindparam("wanted"), _users.c.deactivated_at.is_(None)
    )
)
_TAKEN = PreparedStatement(select(_users.c.uid).where(_users.c.uid == bindparam("wanted")))
_LIKE = or_(
    bindparam("key") == "",
    func.holds(_users.c.search_name, bindparam("key")),
    func.holds(_users.c.uid, bindparam("key")),
)
_LIST = (
    select(*rows.columns(_users, rows.USER_FIELDS))
    .where(_users.c.deactivated_at.is_(None), _LIKE)
    .order_by(_users.c.uid)
    .limit(bindparam("take"))
    .offset(bindparam("skip"))
)
_COUNT = select(func.count()).where(_users.c.deactivated_at.is_(None), _LIKE)
_INSERT = PreparedStatement(insert(_users), columns=(*rows.USER_FIELDS, "search_name"))
_DEACTIVATE = (
    update(_users)
    .where(_users.c.uid == bindparam("wanted"))
    .values(deactivated_at=bindparam("now"))
)

_WANTED: BindParameter[Any] = bindparam("wanted")
_SAID = and_(_messages.c.sender == _WANTED, _messages.c.kind == "group")
_SAID_IN = PreparedStatement(
    select(_messages.c.conversation_id, func.count(_messages.c.seq))
    .where(_SAID, _messages.c.deleted_at.is_(None))
    .group_by(_messages.c.conversation_id)
)
_COUNT_DELETIONS = PreparedStatement(
    update(_conversations)
    .where(_conversations.c.id == bindparam("conversation"))
    .values(deletions=_conversations.c.deletions + bindparam("count"))
)
_MINE = (_copies.c.uid == _WANTED, _copies.c.kind == "user")
_OURS = select(_copies.c.conversation_id).where(*_MINE)
_JOINED = select(_copies.c.peer).where(_copies.c.uid == _WANTED, _copies.c.kind == "group")
_ERASURES = tuple(
    PreparedStatement(erasure)
    for erasure in (  # in this order: each still finds what it goes by
        delete(_messages).where(_messages.c.conversation_id.in_(_OURS)),
        delete(_conversations).where(_conversations.c.id.in_(_OURS)),
        delete(_copies).where(_copies.c.conversation_id.in_(_OURS)),
        update(_messages)
        .where(_SAID)
        .values(
            deleted_at=func.coalesce(_messages.c.deleted_at, _messages.c.sent_at),
            deleted_by=None,
            text="",
            metadata=None,
            sender="",
            erased=True,
        ),
        update(_groups)
        .where(_groups.c.guid.in_(_JOINED))
        .values(members_count=_groups.c.members_count - 1),
        delete(_copies).where(_copies.c.uid == _WANTED),
        update(_groups).where(_groups.c.owner == _WANTED).values(owner=None),
        delete(_users).where(_users.c.uid == _WANTED),
    )
)


def find(conn: Connection, uid: str) -> User | None:
    """Return the user; None if there is none or it is deactivated."""
    row = _FIND.first(conn, {"wanted": uid})
    return None if row is None else rows.to_user(row)


def is_taken(conn: Connection, uid: str) -> bool:
    """Return whether a user has this uid, possibly a deactivated one."""
    return _TAKEN.first(conn, {"wanted": uid}) is not None


def page(conn: Connection, *, search_key: str, per_page: int, number: int) -> Page[User]:
    """Return a page of the users by uid; with `search_key`, only those with it in name or uid."""
    key = {"key": search_key.casefold()}
    bounds = {"take": per_page, "skip": per_page * (number - 1)}
    found = [rows.to_user(row) for row in conn.execute(_LIST, key | bounds)]
    total = conn.execute(_COUNT, key).scalar_one()
    return Page(tuple(user for user in found if user), total, per_page, number)


def add(conn: Connection, user: User) -> None:
    """Store a new user."""
    _INSERT.run(conn, as_row(user))


def as_row(user: User) -> dict[str, object]:
    """Return the row of `user`."""
    row: dict[str, object] = {name: getattr(user, name) for name in rows.USER_FIELDS}
    return row | {"tags": pack(user.tags), "search_name": user.name.casefold()}


def deactivate(conn: Connection, uid: str, *, now: int) -> None:
    """Deactivate the user; the uid stays taken and all messages stay."""
    conn.execute(_DEACTIVATE, {"wanted": uid, "now": now})


def erase(conn: Connection, uid: str) -> None:
    """Remove the user with all of its data.

    A 1-on-1 goes for both sides, since nothing could be shown as its other party. Messages in
    groups are emptied; their numbers stay, since the counts of other members depend on them.
    """
    this = {"wanted": uid}
    for conversation, count in _SAID_IN.all(conn, this):
        _COUNT_DELETIONS.run(conn, {"conversation": conversation, "count": count})
    for erasure in _ERASURES:
        erasure.run(conn, this)
