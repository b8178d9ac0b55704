"""Groups; for who is in them see `members`."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Group, Page
from duologue.mockserver.store import rows, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import key, pack

_users, _groups = schema.users, schema.groups
_copies, _conversations, _messages = schema.copies, schema.conversations, schema.messages

_FIND = PreparedStatement(
    select(*rows.columns(_groups, rows.GROUP_FIELDS)).where(_groups.c.guid == bindparam("wanted"))
)
_NAMES = {"name": _groups.c.search_name, "guid": _groups.c.guid}  # where a search looks
_CONVERSATION = PreparedStatement(
    select(_conversations.c.id).where(
        _conversations.c.kind == "group", _conversations.c.key == bindparam("wanted")
    )
)
_ADD = PreparedStatement(insert(_groups), columns=(*rows.GROUP_FIELDS, "search_name"))
_BEGIN = PreparedStatement(
    insert(_conversations),
    columns=tuple(name for name in _conversations.c.keys() if name != "id"),  # noqa: SIM118
)
_REDATE = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("wanted"))
    .values(created_at=bindparam("now"))
)
_ERASURES = tuple(
    PreparedStatement(delete(column.table).where(column == bindparam("conversation")))
    for column in (_messages.c.conversation_id, _copies.c.conversation_id, _conversations.c.id)
)
_LIFT_ALL = PreparedStatement(delete(schema.bans).where(schema.bans.c.guid == bindparam("wanted")))
_DROP = PreparedStatement(delete(_groups).where(_groups.c.guid == bindparam("wanted")))


def find(conn: Connection, guid: str) -> Group | None:
    """Return the group; None if there is none."""
    row = _FIND.first(conn, {"wanted": guid})
    return None if row is None else rows.to_group(row)


class GroupFilters(NamedTuple):
    """What a list of groups is narrowed to; None leaves a filter out."""

    search_key: str = ""
    search_in: tuple[str, ...] = ("name", "guid")
    joined_by: str | None = None  # only those that this user is a member of
    tags: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    hide_private_from: str | None = None
    sort_by: str = "guid"
    is_descending: bool = False


def page(conn: Connection, *, wanted: GroupFilters, per_page: int, number: int) -> Page[Group]:
    """Return a page of the groups in the order wanted."""
    flags = _flags(wanted)
    key_ = {"key": wanted.search_key.casefold()}
    found = conn.execute(
        select(*rows.columns(_groups, rows.GROUP_FIELDS))
        .where(*flags)
        .order_by(*_order(wanted))
        .limit(per_page)
        .offset(per_page * (number - 1)),
        key_,
    )
    groups = tuple(group for row in found if (group := rows.to_group(row)))
    total = conn.execute(select(func.count()).select_from(_groups).where(*flags), key_)
    return Page(groups, total.scalar_one(), per_page, number)


def _found_in(places: tuple[str, ...]) -> ColumnElement[bool]:
    holds = (func.holds(_NAMES[place], bindparam("key")) for place in places)
    return or_(bindparam("key") == "", *holds)


def _order(wanted: GroupFilters) -> list[ColumnElement[Any]]:
    """Return the order of a list: groups that are equal in it stand by guid."""
    guid: ColumnElement[Any] = _groups.c.guid
    first = {"guid": [], "name": [_groups.c.search_name], "createdAt": [_groups.c.created_at]}
    order = [*first[wanted.sort_by], guid]
    return [one.desc() for one in order] if wanted.is_descending else order


def _flags(wanted: GroupFilters) -> list[ColumnElement[bool]]:
    table = _groups.c
    found: list[ColumnElement[bool]] = [_found_in(wanted.search_in)]
    if wanted.joined_by is not None:
        found.append(table.guid.in_(_guids_of(wanted.joined_by)))
    if wanted.tags is not None:
        found.append(or_(*(func.holds(table.tags, key(tag)) for tag in wanted.tags)))
    if wanted.types is not None:
        found.append(table.type.in_(wanted.types))
    if wanted.hide_private_from is not None:
        is_open = table.type != "private"
        found.append(or_(is_open, table.guid.in_(_guids_of(wanted.hide_private_from))))
    return found


def _guids_of(uid: str) -> Any:
    return select(_copies.c.peer).where(_copies.c.uid == uid, _copies.c.kind == "group")


def put(conn: Connection, group: Group) -> None:
    """Store the changed group."""
    values = {
        name: value
        for name, value in as_row(group).items()
        if name not in {"guid", "members_count"}
    }
    conn.execute(update(_groups).where(_groups.c.guid == group.guid).values(values))


def add(conn: Connection, group: Group) -> None:
    """Store a new group with its conversation, which begins with the group."""
    _ADD.run(conn, as_row(group))
    _BEGIN.run(conn, conversation_row(group))


def as_row(group: Group) -> dict[str, object]:
    """Return the row of `group`."""
    row: dict[str, object] = {name: getattr(group, name) for name in rows.GROUP_FIELDS}
    return row | {"tags": pack(group.tags), "search_name": group.name.casefold()}


def conversation_row(group: Group) -> dict[str, object]:
    """Return the row of a group's conversation without messages."""
    return {
        "kind": "group",
        "key": group.guid,
        "last_seq": 0,
        "last_message": None,
        "deletions": 0,
        "created_at": group.created_at,
        "updated_at": group.created_at,
        "mentions": 0,
    }


def date_conversation(conn: Connection, conversation: int, *, now: int) -> None:
    """Set the time at which a group's conversation began to now."""
    conn.execute(_REDATE, {"wanted": conversation, "now": now})


def erase(conn: Connection, guid: str) -> None:
    """Remove the group with its conversation, copies and messages."""
    conversation = _CONVERSATION.value(conn, {"wanted": guid})
    for erasure in _ERASURES:
        erasure.run(conn, {"conversation": conversation})
    _LIFT_ALL.run(conn, {"wanted": guid})
    _DROP.run(conn, {"wanted": guid})
