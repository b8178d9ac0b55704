"""Totals of lists without filters or by `unread`, and where a deep page of such a list begins.

A total is the number of copies (see `copy_counts`, `unread_copies`) less those that the list leaves
out, which are few: deleted ones and, on request, those with blocked users. A page behind thousands
of rows begins at a time, or at a user, that is found without a look at any conversation on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from duologue.mockserver.store import criteria, schema, unread_copies
from duologue.mockserver.store.backends import Number
from duologue.mockserver.store.copy_counts import counts, ranges, totals
from duologue.mockserver.store.criteria import Flag, Tables
from duologue.mockserver.store.list_form import Form


class Start(NamedTuple):
    """Where a page begins: at which time or user, and how many rows of the list are before that."""

    at: Any
    before: Any


def total(form: Form) -> ColumnElement[int]:
    """Return the total of a list without filters or, of the whole app, by `unread`."""
    if form.unread:
        unread = select(_copies(form, unread_copies.totals)).scalar_subquery()
        if not form.hide_blocked:
            return unread
        is_left_out: ColumnElement[int] = _blocked(form, unread_copies.unread.alias(), _all_users)
        return unread - is_left_out
    added = select(_copies(form, totals))
    if form.of_caller:
        mine = _whole(func.sum(_copies(form, counts)))
        added = select(func.coalesce(mine, 0)).where(counts.c.uid == bindparam("caller"))
    owners = _just(bindparam("caller")) if form.of_caller else _all_users
    left_out: ColumnElement[int] = _left_out(form, owners)
    return added.scalar_subquery() - left_out


def by_user(form: Form) -> Start:
    """Return the user in whose copies a page of the whole app's list begins.

    The range of users in which it begins comes first, since there are few of them.
    """
    of_range = _from_to(ranges.c.first_uid, ranges.c.end_uid)
    copies = _copies(form, ranges) - _left_out(form, of_range)
    bounds = ranges.c.first_uid, ranges.c.end_uid
    found = _holder(select(*bounds, copies.label("copies")).subquery()).cte("range")
    names = ("first_uid", "end_uid", "before")
    first, end, before = (select(found.c[each]).scalar_subquery() for each in names)
    in_range = counts.c.uid >= first, counts.c.uid < end
    copies = _copies(form, counts) - _left_out(form, _just(counts.c.uid))
    users = select(counts.c.uid, copies.label("copies")).where(*in_range).subquery()
    return _at(_holder(users, after=before).cte("start"), "uid")


def _holder(parts: FromClause, *, after: Any = None) -> Select[Any]:
    """Return the part in which a page begins, and as `before` how many rows precede that part.

    `parts` have `copies` and, in their first column, their order; `after` rows, if any, precede
    them all.
    """
    order, skip = parts.c[0], bindparam("skip", type_=Number)
    through = _whole(func.sum(parts.c.copies).over(order_by=order, rows=(None, 0)))
    through = through if after is None else after + through
    line = select(parts, through.label("through")).subquery()
    before = line.c.through - line.c.copies
    keys = [line.c[each.name] for each in parts.c if each.name != "copies"]
    return (
        select(*keys, before.label("before"))
        .where(before <= skip, line.c.through > skip)
        .limit(1)  # there is one; the rest need not be looked at
    )


def by_unread(unread: Select[Any]) -> Start:
    """Return the user in whose copies a page of the whole app's list by `unread` begins.

    `unread` selects `uid`, `kind` and `peer` of all unread copies: to step over them takes less
    time than to know how many each user has. Of those that are stepped over, all but the user's own
    are before the start; to count the ones before takes PostgreSQL four times the steps.
    """
    copies = unread.subquery().c
    skip = bindparam("skip", type_=Number)
    order = copies.uid, copies.kind, copies.peer
    top = select(*order).order_by(*order).limit(1).offset(skip).cte("top")
    uid, kind, peer = (select(each).scalar_subquery() for each in top.c)
    own = unread.subquery()
    is_earlier = tuple_(own.c.kind, own.c.peer) < tuple_(kind, peer)
    stepped = select(func.count()).select_from(own).where(own.c.uid == uid, is_earlier)
    before = skip - stepped.scalar_subquery()
    return _at(select(top.c.uid, before.label("before")).cte("start"), "uid")


def by_time(halves: Sequence[Select[Any]]) -> Start:
    """Return the time at which a page of a caller's list begins.

    `halves` select `moved_at` of the copies of each kind.
    """
    line = union_all(*halves).subquery()
    top = (
        select(line.c.moved_at)
        .order_by(line.c.moved_at.desc())
        .limit(1)
        .offset(bindparam("skip"))
        .cte("top")
    )
    newer = [_count_newer(half, select(top.c.moved_at).scalar_subquery()) for half in halves]
    start = select(top.c.moved_at, (newer[0] + newer[1]).label("before")).cte("start")
    return _at(start, "moved_at")


def _at(start: CTE, name: str) -> Start:
    """Return the values of the row of `start`, which is made once for all that ask for it."""
    at, before = (select(start.c[each]).scalar_subquery() for each in (name, "before"))
    return Start(at, func.coalesce(before, 0))  # there is no row beyond the end


def _count_newer(half: Select[Any], at: Any) -> Any:
    (moved_at,) = half.selected_columns
    newer = half.where(moved_at > at).subquery()
    return select(func.count()).select_from(newer).scalar_subquery()


def _whole(number: Any) -> Any:
    """Return the number as an integer: sums of large ones are decimals on PostgreSQL."""
    return cast(number, Number)


def _copies(form: Form, table: Any) -> Any:
    """Return how many copies a row of counts has of the type that is asked for."""
    if not form.of_type:
        return table.c.of_users + table.c.of_groups
    is_user = bindparam("type") == literal_column("'user'")
    return case((is_user, table.c.of_users), else_=table.c.of_groups)


# Whose copies are counted: takes the column of their owner and returns conditions, none for all.
_Owners = Callable[[Any], tuple[Flag, ...]]


def _just(uid: Any) -> _Owners:
    return lambda owner: (owner == uid,)


def _from_to(first: Any, end: Any) -> _Owners:
    return lambda owner: (owner >= first, owner < end)


def _all_users(_: Any) -> tuple[Flag, ...]:
    return ()


def _left_out(form: Form, owners: _Owners) -> Any:
    """Return the number of copies that a list leaves out."""
    copy = schema.copies.alias()
    tables = Tables(copy, schema.conversations, schema.users, "user")
    is_deleted = copy.c.hidden_seq >= literal_column("0")  # as the index of them has it
    flags = (is_deleted, ~criteria.visible(tables), *_bounds(form, copy, owners))
    deleted = select(func.count()).where(*flags).scalar_subquery()
    if not form.hide_blocked:
        return deleted
    return deleted + _blocked(form, copy, owners, flags=(criteria.visible(tables),))


def _blocked(form: Form, copy: FromClause, owners: _Owners, *, flags: tuple[Flag, ...] = ()) -> Any:
    """Return the number of copies with users that their owner has blocked."""
    block = schema.blocks.alias()
    key = copy.c
    is_with = and_(key.uid == block.c.uid, key.kind == "user", key.peer == block.c.blocked)
    # The bounds hold for the owner of the block, too: few blocks are of one user.
    flags = (*flags, *_bounds(form, copy, owners), *owners(block.c.uid))
    return select(func.count()).join_from(block, copy, is_with).where(*flags).scalar_subquery()


def _bounds(form: Form, copy: FromClause, owners: _Owners) -> tuple[Flag, ...]:
    is_theirs = owners(copy.c.uid)
    return (*is_theirs, copy.c.kind == bindparam("type")) if form.of_type else is_theirs
