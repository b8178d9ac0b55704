"""The SQL of a list of conversations, for one form of request.

The 1-on-1s of a caller are read along an index; its groups are joined to their conversations,
since a message to a group changes no member's copy. Each half gives at most what the page needs,
and the two are merged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.sql.visitors import iterate

from duologue.mockserver.domain.model import Kind
from duologue.mockserver.store import criteria, list_starts, rows, schema, unread_copies
from duologue.mockserver.store.backends import Number
from duologue.mockserver.store.criteria import Criteria, Flag, Tables, Value
from duologue.mockserver.store.list_form import Form
from duologue.mockserver.store.list_starts import Start
from duologue.mockserver.store.rendered_once import RenderedOnce

_KINDS: tuple[Kind, Kind] = ("user", "group")
_KEYS = ("uid", "kind", "peer", "moved_at", "newest")


def build(by: Criteria, form: Form) -> tuple[Select[Any], Select[Any]]:
    """Return the statement of a page with the total beside each row, and that of the total alone.

    Values: `take` and `skip` rows, `reach` as their sum, and those of the filters.
    """
    total = list_starts.total(form) if form.is_counted else _counted(by, form)
    start = _start(by, form) if form.is_deep else None
    reach: Any = bindparam("reach", type_=Number)
    skip: Any = bindparam("skip", type_=Number)
    if start is not None:
        reach, skip = reach - start.before, skip - start.before
    halves = [_half(by, form, kind=kind, start=start) for kind in _KINDS]
    short = [select(half.limit(reach).subquery()) for half in halves]
    merged = union_all(*short).subquery("merged")
    stretch = (
        select(merged)
        .order_by(*_order(by, form, merged.c))
        .limit(bindparam("take"))
        .offset(skip)
        .subquery("stretch")
    )
    return _dressed(by, form, stretch=stretch, total=total), select(total)


def _counted(by: Criteria, form: Form) -> ColumnElement[int]:
    """Return the total as the number of the rows of both halves."""
    counts = [
        select(func.count())
        .select_from(_half(by, form, kind=kind, use="total").order_by(None).subquery())
        .scalar_subquery()
        for kind in _KINDS
    ]
    return counts[0] + counts[1]


def _start(by: Criteria, form: Form) -> Start:
    """Return where a deep page begins."""
    if form.unread:
        unread = unread_copies.unread.c
        return list_starts.by_unread(_unread(by, form, unread.uid, unread.kind, unread.peer))
    if not form.of_caller:
        return list_starts.by_user(form)
    halves = []
    for kind in _KINDS:
        tables = _tables(kind, "start")
        halves.append(_from(by, form, tables, _moved_at(tables).label("moved_at")))
    return list_starts.by_time(halves)


def _order(by: Criteria, form: Form, row: Any) -> tuple[Any, ...]:
    """Return the order of rows with the columns of `_half`."""
    newest = by.newest_first(row.moved_at, row.newest, row.peer)
    return newest if form.of_caller else (row.uid, *newest)


@cache
def _tables(kind: Kind, use: str) -> Tables:
    """Return the tables of one half, for one use: two uses stand in one statement.

    An alias makes all its columns anew, which takes as long as the rest of a half.
    """
    peers = schema.users if kind == "user" else schema.groups
    name = f"{use}_{kind}"  # which `RenderedOnce` keeps
    copy, peer = schema.copies.alias(name), peers.alias(f"{name}_peer")
    return Tables(copy, schema.conversations.alias(f"{name}_conversation"), peer, kind)


def _moved_at(tables: Tables) -> Any:
    return (tables.copy if tables.kind == "user" else tables.conversation).c.updated_at


def _half(
    by: Criteria, form: Form, *, kind: Kind, start: Start | None = None, use: str = "page"
) -> Select[Any]:
    """Return the keys of the copies of one kind of peer that the form admits, in order.

    Only keys: the rest is looked up for the rows of the page, not for all rows before them. With
    a `start`, leave out the rows before it.
    """
    tables = _tables(kind, use)
    if form.unread and form.is_counted:
        return _unread_half(by, form, kind=kind, start=start)
    copy, moved_at, newest = tables.copy.c, _moved_at(tables), _newest(tables)
    columns = (copy.uid, copy.kind, copy.peer, moved_at.label("moved_at"), newest.label("newest"))
    half = _from(by, form, tables, *columns)
    if start is not None:
        half = half.where(moved_at <= start.at if form.of_caller else copy.uid >= start.at)
    return half.order_by(*_order(by, form, _Keys(copy.uid, moved_at, newest, copy.peer)))


def _unread_half(by: Criteria, form: Form, *, kind: Kind, start: Start | None) -> Select[Any]:
    """Return what `_half` does by a walk along the unread copies; the rest is looked up for each.

    A join would leave it to the planner where to begin, and SQLite's begins with all copies.
    """
    tables, unread = _tables(kind, "unread"), unread_copies.unread.c
    copy, conversation = tables.copy.c, tables.conversation.c
    is_this = and_(copy.uid == unread.uid, copy.kind == unread.kind, copy.peer == unread.peer)
    is_its = conversation.id == unread.conversation_id
    moved_at: Any = select(_moved_at(tables)).where(is_its if kind == "group" else is_this)
    newest: Any = select(conversation.last_message).where(is_its)
    moved_at, newest = moved_at.scalar_subquery(), func.coalesce(newest.scalar_subquery(), 0)
    shown = moved_at.label("moved_at"), newest.label("newest")
    half = _unread(by, form, unread.uid, unread.kind, unread.peer, *shown)
    if start is not None:
        half = half.where(unread.uid >= start.at)
    keys = _Keys(unread.uid, moved_at, newest, unread.peer)
    return half.where(unread.kind == literal(kind)).order_by(*_order(by, form, keys))


def _unread(by: Criteria, form: Form, *columns: Any) -> Select[Any]:
    """Return the columns of the unread copies that the form admits."""
    unread = unread_copies.unread
    half = select(*columns)
    if form.hide_blocked:
        tables = Tables(unread, schema.conversations, schema.users, "user")
        half = half.where(or_(unread.c.kind == literal("group"), by.not_blocked(tables)))
    return half.where(unread.c.kind == bindparam("type")) if form.of_type else half


def _from(by: Criteria, form: Form, tables: Tables, *columns: Any) -> Select[Any]:
    """Return the columns of the copies of one kind of peer that the form admits."""
    copy, conversation = tables.copy.c, tables.conversation.c
    half = select(*columns)
    flags = _filters(by, form, tables=tables)
    if tables.kind == "group" or any(_names(tables.conversation, flag) for flag in flags):
        half = half.join_from(
            tables.copy, tables.conversation, conversation.id == copy.conversation_id
        )
    if form.user_tags or form.group_tags or form.search:
        peer = tables.peer.c.uid if tables.kind == "user" else tables.peer.c.guid
        half = half.join_from(tables.copy, tables.peer, peer == copy.peer)
    return half.where(copy.kind == literal(tables.kind), *flags)


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
    conversation = criteria.alias(schema.conversations, "newest").c
    found = select(conversation.last_message).where(
        conversation.id == tables.copy.c.conversation_id
    )
    return func.coalesce(found.scalar_subquery(), 0)


def _names(table: FromClause, flag: Any) -> bool:
    """Return whether a criterion uses the table, so that it must be joined."""
    parts = flag.parts if isinstance(flag, RenderedOnce) else (flag,)
    within = (each for part in parts for each in iterate(part))
    return any(getattr(each, "table", None) is table for each in within)


@lru_cache(maxsize=128)  # a fault brings criteria of its own
def _once(flag: Callable[[Tables], Flag], tables: Tables) -> RenderedOnce:
    """Return a criterion that takes no value of a request."""
    return RenderedOnce(and_(flag(tables)))


def _filters(by: Criteria, form: Form, *, tables: Tables) -> list[Any]:
    flags: list[Any] = [_once(by.visible, tables)]
    if form.of_caller:
        flags.append(by.of_caller(tables, bindparam("caller")))
    if form.hide_blocked:
        flags.append(_once(by.not_blocked, tables))
    if form.of_type:
        flags.append(by.of_type(tables, bindparam("type")))
    if form.unread:
        flags.append(by.with_unread(tables, by.unread_count(tables)))
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


class _Shown(NamedTuple):
    """What the rows of a page are shown with, but for the total."""

    columns: RenderedOnce
    joins: tuple[tuple[FromClause, RenderedOnce, bool], ...]  # table, condition, outer or not


@lru_cache(maxsize=8)
def _shown(by: Criteria) -> _Shown:
    """Return the tables and the columns of the rows of a page, beside its `stretch`."""
    copy, conversation = schema.copies.alias("own"), schema.conversations.alias("conversation")
    user, group = schema.users.alias("peer_user"), schema.groups.alias("peer_group")
    last, sender = schema.messages.alias("last_message"), schema.users.alias("sender")
    at, own = table("stretch", *map(column, _KEYS)).c, copy.c
    own_tables = Tables(copy, conversation, user, "")
    counts = {
        kind: by.unread_count(Tables(copy, conversation, peer, kind))
        for kind, peer in (("user", user), ("group", group))
    }
    columns = RenderedOnce(
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
    )  # fmt: skip
    is_user, is_group = at.kind == "user", at.kind == "group"
    joins = (
        (copy, and_(own.uid == at.uid, own.kind == at.kind, own.peer == at.peer), False),
        (conversation, conversation.c.id == own.conversation_id, False),
        (user, and_(is_user, user.c.uid == at.peer), True),
        (group, and_(is_group, group.c.guid == at.peer), True),
        (last, last.c.id == conversation.c.last_message, True),
        (sender, sender.c.uid == last.c.sender, True),
    )
    return _Shown(columns, tuple((to, RenderedOnce(on), outer) for to, on, outer in joins))


def _dressed(by: Criteria, form: Form, *, stretch: Subquery, total: Any) -> Select[Any]:
    """Return the rows of a page with peers and last messages, and the total beside each."""
    shown = _shown(by)
    page = select(shown.columns, total.label("total")).select_from(stretch)
    for joined, on, is_outer in shown.joins:
        page = page.join(joined, on, isouter=is_outer)
    return page.order_by(*_order(by, form, stretch.c))
