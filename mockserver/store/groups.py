"""Groups and their members."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Group, Member, Page
from duologue.mockserver.store import rows, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import pack

_users, _groups = schema.users, schema.groups
_copies, _conversations, _messages = schema.copies, schema.conversations, schema.messages

_FIND = PreparedStatement(
    select(*rows.columns(_groups, rows.GROUP_FIELDS)).where(_groups.c.guid == bindparam("wanted"))
)
_LIKE = or_(
    bindparam("key") == "",
    func.holds(_groups.c.search_name, bindparam("key")),
    func.holds(_groups.c.guid, bindparam("key")),
)
_LIST = (
    select(*rows.columns(_groups, rows.GROUP_FIELDS))
    .where(_LIKE)
    .order_by(_groups.c.guid)
    .limit(bindparam("take"))
    .offset(bindparam("skip"))
)
_COUNT = select(func.count()).select_from(_groups).where(_LIKE)
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
_MEMBERS_PAGE = _MEMBERS.order_by(_copies.c.uid).limit(bindparam("take")).offset(bindparam("skip"))
_MEMBERS_COUNT = select(func.count()).select_from(_MEMBERS.subquery())
_OWN = PreparedStatement(
    select(func.count(_messages.c.seq)).where(
        _messages.c.conversation_id == bindparam("conversation"),
        _messages.c.sender == bindparam("wanted"),
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
_DROP = PreparedStatement(delete(_groups).where(_groups.c.guid == bindparam("wanted")))


def find(conn: Connection, guid: str) -> Group | None:
    """Return the group; None if there is none."""
    row = _FIND.first(conn, {"wanted": guid})
    return None if row is None else rows.to_group(row)


def page(conn: Connection, *, search_key: str, per_page: int, number: int) -> Page[Group]:
    """Return a page of the groups by guid, only those with `search_key` in name or guid."""
    key = {"key": search_key.casefold()}
    bounds = {"take": per_page, "skip": per_page * (number - 1)}
    found = [rows.to_group(row) for row in conn.execute(_LIST, key | bounds)]
    total = conn.execute(_COUNT, key).scalar_one()
    return Page(tuple(group for group in found if group), total, per_page, number)


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
    }


def date_conversation(conn: Connection, conversation: int, *, now: int) -> None:
    """Set the time at which a group's conversation began to now."""
    conn.execute(_REDATE, {"wanted": conversation, "now": now})


def scope_of(conn: Connection, guid: str, uid: str) -> str | None:
    """Return the scope of a member; None for any other user."""
    scope: str | None = _MEMBER.value(conn, {"guid": guid, "wanted": uid})
    return scope


def members(conn: Connection, guid: str, *, per_page: int, number: int) -> Page[Member]:
    """Return a page of the group's members by uid, without deactivated users."""
    conversation = {"conversation": _CONVERSATION.value(conn, {"wanted": guid})}
    bounds = {"take": per_page, "skip": per_page * (number - 1)}
    found = []
    for row in conn.execute(_MEMBERS_PAGE, conversation | bounds):
        user = rows.to_user(row[:-2])
        if user is not None:
            found.append(Member(user, scope=row[-2], joined_at=row[-1]))
    total = conn.execute(_MEMBERS_COUNT, conversation).scalar_one()
    return Page(tuple(found), total, per_page, number)


def join(conn: Connection, guid: str, uid: str, *, scope: str, now: int) -> None:
    """Make the user a member, with a copy of the conversation in which nothing is read.

    Messages of an earlier membership still count as the user's own.
    """
    conversation = _CONVERSATION.value(conn, {"wanted": guid})
    own = _OWN.value(conn, {"conversation": conversation, "wanted": uid})
    place = {"conversation_id": conversation, "own": own, "scope": scope, "joined_at": now}
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
    _DROP.run(conn, {"wanted": guid})
