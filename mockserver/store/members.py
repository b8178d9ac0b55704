"""Who is in a group and as what, and who may not join it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Member, Page, User
from duologue.mockserver.store import rows, schema, users
from duologue.mockserver.store.prepared import PreparedStatement

_users, _groups = schema.users, schema.groups
_copies, _conversations = schema.copies, schema.conversations

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
_RESIZE = PreparedStatement(
    update(_groups)
    .where(_groups.c.guid == bindparam("wanted"))
    .values(members_count=_groups.c.members_count + bindparam("by"))
)
_BANNED = PreparedStatement(
    select(schema.bans.c.uid).where(
        schema.bans.c.guid == bindparam("guid"), schema.bans.c.uid == bindparam("wanted")
    )
)


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
    return users.page_of(conn, *wanted, per_page=per_page, number=number)
