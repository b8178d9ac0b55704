"""Users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import BindParameter

from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Page, User
from duologue.mockserver.store import rows, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import key, pack

_users, _groups = schema.users, schema.groups
_copies, _conversations, _messages = schema.copies, schema.conversations, schema.messages

_FIND = PreparedStatement(
    select(*rows.columns(_users, rows.USER_FIELDS)).where(
        _users.c.uid == bindparam("wanted"), _users.c.deactivated_at.is_(None)
    )
)
_TAKEN = PreparedStatement(select(_users.c.uid).where(_users.c.uid == bindparam("wanted")))
# Those who are online come first, as `available` comes before `offline` on the wire.
_IS_OFFLINE = case((_users.c.status == "online", 0), else_=1)
_NAMES = {"name": _users.c.search_name, "uid": _users.c.uid}  # where a search looks
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
_COME = select(_conversations.c.last_seq).where(_conversations.c.id == _copies.c.conversation_id)
_LEAVE_GROUPS = PreparedStatement(
    update(_groups)
    .where(_groups.c.guid.in_(_JOINED))
    .values(members_count=_groups.c.members_count - 1)
)
_WITHDRAWALS = (
    PreparedStatement(
        update(_copies)
        .where(_copies.c.kind == "user", _copies.c.conversation_id.in_(_OURS))
        .where(_copies.c.peer == _WANTED)
        # As a deletion of the conversation does, it reads all: what comes later counts alone.
        .values(hidden_seq=_COME.scalar_subquery(), read_seq=_COME.scalar_subquery(), own=0)
    ),
    _LEAVE_GROUPS,
)
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
            content=None,
            tags="",
            sender="",
            erased=True,
        ),
        update(_groups)
        .where(_groups.c.guid.in_(_JOINED))
        .values(members_count=_groups.c.members_count - 1),
        delete(_copies).where(_copies.c.uid == _WANTED),
        update(_groups).where(_groups.c.owner == _WANTED).values(owner=None),
        delete(schema.tokens).where(schema.tokens.c.uid == _WANTED),
        delete(schema.blocks).where(
            or_(schema.blocks.c.uid == _WANTED, schema.blocks.c.blocked == _WANTED)
        ),
        delete(schema.bans).where(schema.bans.c.uid == _WANTED),
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


def online(conn: Connection) -> list[str]:
    """Return the uids of the users whose status is online, in order."""
    is_online = and_(_users.c.status == "online", _users.c.deactivated_at.is_(None))
    found = select(_users.c.uid).where(is_online).order_by(_users.c.uid)
    return list(conn.execute(found).scalars())


class UserFilters(NamedTuple):
    """What a list of users is narrowed to; None leaves a filter out."""

    search_key: str = ""
    search_in: tuple[str, ...] = ("name", "uid")
    statuses: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    uids: tuple[str, ...] | None = None
    not_blocked_by: str | None = None
    is_deactivated: bool | None = False  # None gives both those that are and those that are not
    sort_by: str = "uid"
    is_descending: bool = False


def page(conn: Connection, *, wanted: UserFilters, per_page: int, number: int) -> Page[User]:
    """Return a page of the users in the order wanted; the app's own user is not among them."""
    return page_of(
        conn,
        *_flags(wanted),
        order=_order(wanted),
        values={"key": wanted.search_key.casefold()},
        per_page=per_page,
        number=number,
    )


def page_of(
    conn: Connection,
    *flags: ColumnElement[bool],
    per_page: int,
    number: int,
    order: Sequence[ColumnElement[Any]] = (_users.c.uid,),
    values: Mapping[str, Any] | None = None,
) -> Page[User]:
    """Return a page of the users for whom all `flags` hold; `values` are for their parameters."""
    given = values or {}
    found = conn.execute(
        select(*rows.columns(_users, rows.USER_FIELDS))
        .where(*flags)
        .order_by(*order)
        .limit(per_page)
        .offset(per_page * (number - 1)),
        given,
    )
    users = tuple(user for row in found if (user := rows.to_user(row)))
    total = conn.execute(select(func.count()).select_from(_users).where(*flags), given)
    return Page(users, total.scalar_one(), per_page, number)


def _found_in(places: tuple[str, ...]) -> ColumnElement[bool]:
    holds = (func.holds(_NAMES[place], bindparam("key")) for place in places)
    return or_(bindparam("key") == "", *holds)


def _order(wanted: UserFilters) -> list[ColumnElement[Any]]:
    """Return the order of a list: users who are equal in it stand by uid."""
    uid: ColumnElement[Any] = _users.c.uid
    first: dict[str, list[ColumnElement[Any]]] = {
        "uid": [],
        "name": [_users.c.search_name],
        "status": [_IS_OFFLINE],
    }
    order = [*first[wanted.sort_by], uid]
    return [one.desc() for one in order] if wanted.is_descending else order


def _flags(wanted: UserFilters) -> list[ColumnElement[bool]]:
    table = _users.c
    found: list[ColumnElement[bool]] = [table.uid != APP, _found_in(wanted.search_in)]
    if wanted.is_deactivated is not None:
        is_active = table.deactivated_at.is_(None)
        found.append(~is_active if wanted.is_deactivated else is_active)
    for column, values in (
        (table.status, wanted.statuses),
        (table.role, wanted.roles),
        (table.uid, wanted.uids),
    ):
        if values is not None:
            found.append(column.in_(values))
    if wanted.tags is not None:
        found.append(or_(*(func.holds(table.tags, key(tag)) for tag in wanted.tags)))
    if wanted.not_blocked_by is not None:
        mine = select(schema.blocks.c.blocked).where(schema.blocks.c.uid == wanted.not_blocked_by)
        found.append(table.uid.not_in(mine))
    return found


def add(conn: Connection, user: User) -> None:
    """Store a new user."""
    _INSERT.run(conn, as_row(user))


def as_row(user: User) -> dict[str, object]:
    """Return the row of `user`."""
    row: dict[str, object] = {name: getattr(user, name) for name in rows.USER_FIELDS}
    return row | {"tags": pack(user.tags), "search_name": user.name.casefold()}


def put(conn: Connection, user: User) -> None:
    """Store the changed user."""
    values = {name: value for name, value in as_row(user).items() if name != "uid"}
    conn.execute(update(_users).where(_users.c.uid == user.uid).values(values))


def changed(user: User, body: Mapping[str, Any], *, now: int) -> User:
    """Return the user with what the body of a request brings; `unset` clears fields."""
    fields = {"name": "name", "avatar": "avatar", "link": "link", "role": "role",
              "statusMessage": "status_message", "status": "status",
              "lastActiveAt": "last_active_at"}  # fmt: skip
    new = {field: body[name] for name, field in fields.items() if body.get(name) is not None}
    if body.get("metadata") is not None:
        new["metadata"] = orjson.dumps(body["metadata"] or {}).decode()
    if body.get("tags") is not None:
        new["tags"] = tuple(body["tags"])
    clear = {"avatar", "link", "statusMessage", "metadata"} & {*body.get("unset", ())}
    new |= {fields.get(name, name): None for name in clear}
    after = user._replace(**new)
    return user if after == user else after._replace(updated_at=now)


def deactivate(conn: Connection, uid: str, *, now: int) -> None:
    """Let the user be found no more; the uid stays taken and all the user said stays.

    The 1-on-1s leave the lists of the other sides, and groups have a member less (readings B16).
    """
    conn.execute(_DEACTIVATE, {"wanted": uid, "now": now})
    for withdrawal in _WITHDRAWALS:
        withdrawal.run(conn, {"wanted": uid})


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
