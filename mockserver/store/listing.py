"""The list of conversations: of one caller, or of the whole app.

The 1-on-1s of a caller are read along an index; its groups are joined to their conversations,
since a message to a group changes no member's copy. Each half gives at most what the page needs,
and the two are merged. Statements are built once for each combination of filters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql.visitors import iterate

from duologue.mockserver.domain.model import Copy, Filters, Kind, Page, User
from duologue.mockserver.store import criteria, people, rows, schema
from duologue.mockserver.store.criteria import Flag, Tables, Value
from duologue.mockserver.store.prepared import PreparedStatement, Row
from duologue.mockserver.store.tags import key, unpack

_KINDS: tuple[Kind, Kind] = ("user", "group")
_COPY_FIELDS = (
    "uid", "kind", "peer", "conversation_id", "unread_count", "read_seq", "last_seq", "hidden_seq",
    "began_at", "moved_at", "copy_tags", "scope", "joined_at", "delivered_seq",
    "unread_mentions", "last_read_id",
)  # fmt: skip
_PEER_AT = len(_COPY_FIELDS) + 1  # after the copy and the place of its last message
_GROUP_AT = _PEER_AT + len(rows.USER_FIELDS)
_MESSAGE_AT = _GROUP_AT + len(rows.GROUP_FIELDS)
_SENDER_AT = _MESSAGE_AT + len(rows.MESSAGE_FIELDS)
_TOTAL_AT = _SENDER_AT + len(rows.USER_FIELDS)
_KEPT_STATEMENTS = 256  # one for each combination of filters met, and of how many tags


@dataclass(frozen=True, slots=True)
class Criteria:
    """The parts of a list; each can be replaced. The defaults are those of `store.criteria`."""

    unread_count: Callable[[Tables], ColumnElement[int]] = criteria.unread_count
    of_caller: Callable[[Tables, Value], Flag] = criteria.of_caller
    visible: Callable[[Tables], Flag] = criteria.visible
    not_blocked: Callable[[Tables], Flag] = criteria.not_blocked
    of_type: Callable[[Tables, Value], Flag] = criteria.of_type
    with_unread: Callable[[Tables, ColumnElement[int]], Flag] = criteria.with_unread
    tagged: Callable[[Tables, tuple[Value, ...]], Flag] = criteria.tagged
    with_tagged_user: Callable[[Tables, tuple[Value, ...]], Flag] = criteria.with_tagged_user
    with_tagged_group: Callable[[Tables, tuple[Value, ...]], Flag] = criteria.with_tagged_group
    with_name_like: Callable[[Tables, Value], Flag] = criteria.with_name_like
    newest_first: Callable[[Any, Any, Any], tuple[Any, ...]] = criteria.newest_first
    page_bounds: Callable[[int, int], tuple[int, int]] = criteria.page_bounds


@dataclass(frozen=True, slots=True)
class _Form:
    """Which filters a request has, without their values: requests of one form share a statement."""

    of_caller: bool
    of_type: bool
    unread: bool
    tags: int
    user_tags: int
    group_tags: int
    search: bool
    hide_blocked: bool

    @classmethod
    def of(cls, caller: str | None, wanted: Filters) -> _Form:
        return cls(
            of_caller=caller is not None,
            of_type=wanted.conversation_type is not None,
            unread=bool(wanted.unread),
            tags=len(wanted.tags or ()),
            user_tags=len(wanted.user_tags or ()),
            group_tags=len(wanted.group_tags or ()),
            search=wanted.search_key is not None,
            hide_blocked=wanted.hide_blocked,
        )


@dataclass(slots=True)
class Listing:
    """Pages of conversations by one set of criteria."""

    by: Criteria
    _kept: dict[_Form, tuple[PreparedStatement, PreparedStatement]] = field(default_factory=dict)

    def page(
        self, conn: Connection, caller: str | None, *, wanted: Filters, per_page: int, number: int
    ) -> Page[Copy]:
        """Return a page of the caller's copies; without a caller, of all copies in the app."""
        form = _Form.of(caller, wanted)
        statement, counting = self._statements(form)
        take, skip = self.by.page_bounds(per_page, number)
        values = _values(caller, wanted) | {"take": take, "skip": skip, "reach": take + skip}
        found = statement.all(conn, values)
        total = found[0][_TOTAL_AT] if found else counting.value(conn, values)
        owners = people.Known(conn)
        copies = tuple(_copy(row[:_TOTAL_AT], owners.user(row[0])) for row in found)
        return Page(copies, total, per_page, number)

    def _statements(self, form: _Form) -> tuple[PreparedStatement, PreparedStatement]:
        kept = self._kept.get(form)
        if kept is None:
            if len(self._kept) >= _KEPT_STATEMENTS:
                self._kept.clear()
            page, count = _build(self.by, form)
            kept = self._kept[form] = (PreparedStatement(page), PreparedStatement(count))
        return kept


def listing_by(by: Criteria) -> Listing:
    """Return the listing by these criteria; equal criteria share their built statements."""
    return _listing(*(getattr(by, each.name) for each in fields(Criteria)))


@lru_cache(maxsize=8)
def _listing(*criteria_: Any) -> Listing:
    return Listing(Criteria(*criteria_))


def _values(caller: str | None, wanted: Filters) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if caller is not None:
        values["caller"] = caller
    if wanted.conversation_type is not None:
        values["type"] = wanted.conversation_type
    if wanted.search_key is not None:
        values["search"] = wanted.search_key.casefold()
    for name in ("tags", "user_tags", "group_tags"):
        tags = getattr(wanted, name) or ()
        values.update({f"{name}_{place}": key(tag) for place, tag in enumerate(tags)})
    return values


def _build(by: Criteria, form: _Form) -> tuple[Select[Any], Select[Any]]:
    halves = [_half(by, form, kind=kind) for kind in _KINDS]
    counts = [
        select(func.count()).select_from(half.order_by(None).subquery()).scalar_subquery()
        for half in halves
    ]
    total = counts[0] + counts[1]
    short = [select(half.limit(bindparam("reach")).subquery()) for half in halves]
    merged = union_all(*short).subquery("merged")
    stretch = (
        select(merged)
        .order_by(*_order(by, form, merged.c))
        .limit(bindparam("take"))
        .offset(bindparam("skip"))
        .subquery("stretch")
    )
    return _dressed(by, form, stretch=stretch, total=total), select(total)


def _order(by: Criteria, form: _Form, row: Any) -> tuple[Any, ...]:
    """Return the order of rows with the columns of `_half`."""
    newest = by.newest_first(row.moved_at, row.newest, row.peer)
    return newest if form.of_caller else (row.uid, *newest)


def _half(by: Criteria, form: _Form, *, kind: Kind) -> Select[Any]:
    """Return the keys of the copies of one kind of peer that the form admits, in order.

    Only keys: the rest is looked up for the rows of the page, not for all rows before them.
    """
    peers = schema.users if kind == "user" else schema.groups
    tables = Tables(schema.copies.alias(), schema.conversations.alias(), peers.alias(), kind)
    copy, conversation = tables.copy.c, tables.conversation.c
    moved_at = copy.updated_at if kind == "user" else conversation.updated_at
    flags = _filters(by, form, tables=tables, count=by.unread_count(tables))
    newest = _newest(tables)
    half = select(
        copy.uid, copy.kind, copy.peer, moved_at.label("moved_at"), newest.label("newest")
    )
    if kind == "group" or any(_names(tables.conversation, flag) for flag in flags):
        half = half.join_from(
            tables.copy, tables.conversation, conversation.id == copy.conversation_id
        )
    if form.user_tags or form.group_tags or form.search:
        is_peer = (tables.peer.c.uid if kind == "user" else tables.peer.c.guid) == copy.peer
        half = half.join_from(tables.copy, tables.peer, is_peer)
    return half.where(copy.kind == literal(kind), *flags).order_by(
        *_order(by, form, _Keys(copy.uid, moved_at, newest, copy.peer))
    )


class _Keys(NamedTuple):
    uid: Any
    moved_at: Any
    newest: Any
    peer: Any


def _newest(tables: Tables) -> ColumnElement[int]:
    """Return the number of the newest message, be it deleted; 0 for none.

    Of a 1-on-1 it is looked up for each copy that the page reaches: the order of its copies is that
    of an index, and a join would read all of them first.
    """
    if tables.kind == "group":
        return func.coalesce(tables.conversation.c.last_message, 0)
    conversation = schema.conversations.alias().c
    found = select(conversation.last_message).where(
        conversation.id == tables.copy.c.conversation_id
    )
    return func.coalesce(found.scalar_subquery(), 0)


def _names(table: FromClause, flag: Flag) -> bool:
    """Return whether a criterion uses the table, so that it must be joined."""
    return any(getattr(part, "table", None) is table for part in iterate(flag))


def _filters(by: Criteria, form: _Form, *, tables: Tables, count: ColumnElement[int]) -> list[Flag]:
    flags = [by.visible(tables)]
    if form.of_caller:
        flags.append(by.of_caller(tables, bindparam("caller")))
    if form.hide_blocked:
        flags.append(by.not_blocked(tables))
    if form.of_type:
        flags.append(by.of_type(tables, bindparam("type")))
    if form.unread:
        flags.append(by.with_unread(tables, count))
    if form.tags:
        flags.append(by.tagged(tables, _tags("tags", form.tags)))
    if form.user_tags:
        flags.append(by.with_tagged_user(tables, _tags("user_tags", form.user_tags)))
    if form.group_tags:
        flags.append(by.with_tagged_group(tables, _tags("group_tags", form.group_tags)))
    if form.search:
        flags.append(by.with_name_like(tables, bindparam("search")))
    return flags


def _tags(name: str, count: int) -> tuple[Value, ...]:
    return tuple(bindparam(f"{name}_{place}") for place in range(count))


def _dressed(by: Criteria, form: _Form, *, stretch: Subquery, total: Any) -> Select[Any]:
    """Return the rows of a page with peers and last messages, and the total beside each."""
    user, group, last = schema.users.alias(), schema.groups.alias(), schema.messages.alias()
    sender = schema.users.alias()
    copy, conversation = schema.copies.alias(), schema.conversations.alias()
    at, own = stretch.c, copy.c
    own_tables = Tables(copy, conversation, user, "")
    counts = {
        kind: by.unread_count(Tables(copy, conversation, peer, kind))
        for kind, peer in (("user", user), ("group", group))
    }
    return (
        select(
            at.uid, at.kind, at.peer, own.conversation_id,
            case((at.kind == "user", counts["user"]), else_=counts["group"]),
            own.read_seq, conversation.c.last_seq, own.hidden_seq,
            conversation.c.created_at.label("began_at"), at.moved_at, own.tags.label("copy_tags"),
            own.scope, own.joined_at, own.delivered_seq,
            criteria.unread_mentions(own_tables).label("unread_mentions"),
            criteria.last_read_id(own_tables).label("last_read_id"), conversation.c.last_message,
            *rows.columns(user, rows.USER_FIELDS, "user_"),
            *rows.columns(group, rows.GROUP_FIELDS, "group_"),
            *rows.columns(last, rows.MESSAGE_FIELDS, "message_"),
            *rows.columns(sender, rows.USER_FIELDS, "sender_"),
            total.label("total"),
        )
        .select_from(stretch)
        .join(copy, and_(own.uid == at.uid, own.kind == at.kind, own.peer == at.peer))
        .join(conversation, conversation.c.id == own.conversation_id)
        .outerjoin(user, (at.kind == "user") & (user.c.uid == at.peer))
        .outerjoin(group, (at.kind == "group") & (group.c.guid == at.peer))
        .outerjoin(last, last.c.id == conversation.c.last_message)
        .outerjoin(sender, sender.c.uid == last.c.sender)
        .order_by(*_order(by, form, at))
    )  # fmt: skip


@lru_cache(maxsize=2048)  # most rows of a page were seen before; a hit costs 3 us, a miss 15 us
def _copy(row: Row, owner: User | None) -> Copy:
    """Return the copy that a row holds: a pure function, so equal rows share one copy."""
    user, group = rows.to_user(row[_PEER_AT:_GROUP_AT]), rows.to_group(row[_GROUP_AT:_MESSAGE_AT])
    peer_is = user or group
    if peer_is is None:  # a copy goes with its peer; it takes a broken database to come here
        raise LookupError(f"the copy of {row[0]} names {row[1]} {row[2]}, which is not there")
    last_message = rows.to_message(row[_MESSAGE_AT:_SENDER_AT])
    if last_message is not None:
        sender = rows.to_user(row[_SENDER_AT:_TOTAL_AT])
        receiver = group or (user if last_message.sender == row[0] else owner)
        last_message = last_message._replace(sender_is=sender, receiver_is=receiver)
    return Copy(*row[:10], unpack(row[10]), peer_is, *row[11:17], last_message)  # type: ignore[call-arg]
