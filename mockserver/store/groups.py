"""Groups and their members."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Group, Member, Page, User
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
_IS_MEMBER = (_copies.c.kind == "group", _copies.c.peer == bindparam("guid"))
_MEMBER = PreparedStatement(
    select(_copies.c.scope).where(_copies.c.uid == bindparam("wanted"), *_IS_MEMBER)
)
_MEMBERS = (
    select(*rows.columns(_users, rows.USER_FIELDS), _copies.c.scope, _copies.c.joined_at)
    .join(_users, _users.c.uid == _copies.c.uid)
    .where(
        _copies.c.conversation_id == bindparam("conversation"), _users.c.deactivated_at.is_(None)
    )
)
_PLACE = PreparedStatement(
    select(_conversations.c.id, _conversations.c.last_seq).where(
        _conversations.c.kind == "group", _conversations.c.key == bindparam("wanted")
    )
)
_JOIN = PreparedStatement(insert(_copies), columns=tuple(_copies.c.keys()))
_LEAVE = PreparedStatement(delete(_copies).where(_copies.c.uid == bindparam("wanted"), *_IS_MEMBER))
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
_RESIZE = PreparedStatement(
    update(_groups)
    .where(_groups.c.guid == bindparam("wanted"))
    .values(members_count=_groups.c.members_count + bindparam("by"))
)
_ERASURES = tuple(
    PreparedStatement(delete(column.table).where(column == bindparam("conversation")))
    for column in (_messages.c.conversation_id, _copies.c.conversation_id, _conversations.c.id)
)
_BANNED = PreparedStatement(
    select(schema.bans.c.uid).where(
        schema.bans.c.guid == bindparam("guid"), schema.bans.c.uid == bindparam("wanted")
    )
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


class Membership(NamedTuple):
    """What a user is in a group, and since when."""

    scope: str
    joined_at: int | None


def memberships(conn: Connection, uid: str) -> dict[str, Membership]:
    """Return the user's place in each group that the user is a member of, by guid."""
    mine = (_copies.c.uid == uid, _copies.c.kind == "group")
    columns = (_copies.c.peer, _copies.c.scope, _copies.c.joined_at)
    return {
        guid: Membership(scope or "participant", joined_at)
        for guid, scope, joined_at in conn.execute(select(*columns).where(*mine))
    }


def put(conn: Connection, group: Group) -> None:
    """Store the changed group."""
    values = {
        name: value
        for name, value in as_row(group).items()
        if name not in {"guid", "members_count"}
    }
    conn.execute(update(_groups).where(_groups.c.guid == group.guid).values(values))


def set_scope(conn: Connection, guid: str, uid: str, *, scope: str) -> None:
    """Let a member be something else in the group."""
    conn.execute(
        update(_copies)
        .where(_copies.c.uid == bindparam("wanted"), *_IS_MEMBER)
        .values(scope=scope),
        {"guid": guid, "wanted": uid},
    )


def is_banned(conn: Connection, guid: str, uid: str) -> bool:
    """Return whether the user may not join the group."""
    return _BANNED.first(conn, {"guid": guid, "wanted": uid}) is not None


def ban(conn: Connection, guid: str, uid: str, *, now: int) -> None:
    """Keep the user from joining the group again."""
    if not is_banned(conn, guid, uid):
        conn.execute(insert(schema.bans), {"guid": guid, "uid": uid, "banned_at": now})


def lift_ban(conn: Connection, guid: str, uid: str) -> bool:
    """Let the user join again; return False where there was no ban."""
    this = (schema.bans.c.guid == guid, schema.bans.c.uid == uid)
    return conn.execute(delete(schema.bans).where(*this)).rowcount > 0


def banned(conn: Connection, guid: str, *, per_page: int, number: int) -> Page[User]:
    """Return a page of the users banned from the group, by uid."""
    wanted = (
        schema.bans.c.guid == guid,
        _users.c.uid == schema.bans.c.uid,
        _users.c.deactivated_at.is_(None),
    )
    found = conn.execute(
        select(*rows.columns(_users, rows.USER_FIELDS))
        .where(*wanted)
        .order_by(_users.c.uid)
        .limit(per_page)
        .offset(per_page * (number - 1))
    )
    users = tuple(user for row in found if (user := rows.to_user(row)))
    total = conn.execute(select(func.count()).select_from(_users, schema.bans).where(*wanted))
    return Page(users, total.scalar_one(), per_page, number)


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


def scope_of(conn: Connection, guid: str, uid: str) -> str | None:
    """Return the scope of a member; None for any other user."""
    scope: str | None = _MEMBER.value(conn, {"guid": guid, "wanted": uid})
    return scope


class MemberFilters(NamedTuple):
    """What a list of members is narrowed to; None leaves a filter out."""

    search_key: str = ""
    scopes: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None


def members(
    conn: Connection,
    guid: str,
    *,
    per_page: int,
    number: int,
    wanted: MemberFilters | None = None,
) -> Page[Member]:
    """Return a page of the group's members by uid; deactivated users are not shown."""
    conversation = {"conversation": _CONVERSATION.value(conn, {"wanted": guid})}
    listed = _MEMBERS.where(*_member_flags(wanted or MemberFilters()))
    bounded = listed.order_by(_copies.c.uid).limit(per_page).offset(per_page * (number - 1))
    found = []
    for row in conn.execute(bounded, conversation):
        user = rows.to_user(row[:-2])
        if user is not None:
            found.append(Member(user, scope=row[-2], joined_at=row[-1]))
    count = select(func.count()).select_from(listed.subquery())
    return Page(tuple(found), conn.execute(count, conversation).scalar_one(), per_page, number)


def _member_flags(wanted: MemberFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search_key:
        part = wanted.search_key.casefold()
        found.append(or_(func.holds(_users.c.search_name, part), func.holds(_users.c.uid, part)))
    if wanted.scopes is not None:
        found.append(_copies.c.scope.in_(wanted.scopes))
    if wanted.statuses is not None:
        found.append(_users.c.status.in_(wanted.statuses))
    return found


def join(conn: Connection, guid: str, uid: str, *, scope: str, now: int) -> None:
    """Make the user a member with a copy of the conversation.

    What was said before is not unread for the new member (readings B15).
    """
    conversation, come = _PLACE.all(conn, {"wanted": guid})[0]
    place = {"conversation_id": conversation, "scope": scope, "joined_at": now}
    place |= {"read_seq": come, "delivered_seq": come}
    _JOIN.run(conn, new_copy(uid, "group", guid) | place)
    _RESIZE.run(conn, {"wanted": guid, "by": 1})


def new_copy(uid: str, kind: str, peer: str) -> dict[str, object]:
    """Return the row of a copy without reads and tags; the conversation is left open."""
    return {
        "uid": uid,
        "kind": kind,
        "peer": peer,
        "read_seq": 0,
        "own": 0,
        "hidden_seq": -1,
        "delivered_seq": 0,
        "tags": "",
        "updated_at": 0,
        "scope": None,
        "joined_at": None,
    }


def leave(conn: Connection, guid: str, uid: str) -> None:
    """End the membership and remove the copy with its tags."""
    _LEAVE.run(conn, {"guid": guid, "wanted": uid})
    _RESIZE.run(conn, {"wanted": guid, "by": -1})


def erase(conn: Connection, guid: str) -> None:
    """Remove the group with its conversation, copies and messages."""
    conversation = _CONVERSATION.value(conn, {"wanted": guid})
    for erasure in _ERASURES:
        erasure.run(conn, {"conversation": conversation})
    _LIFT_ALL.run(conn, {"wanted": guid})
    _DROP.run(conn, {"wanted": guid})
