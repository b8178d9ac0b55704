"""Totals of lists without filters, and where a deep page of such a list begins.

A total is the number of copies (see `copy_counts`) less those that the list leaves out, which are
few: deleted ones and, on request, those with blocked users. A page behind thousands of rows begins
at a time, or at a user, that is found without a look at any conversation on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from duologue.mockserver.store import criteria, schema
from duologue.mockserver.store.backends import Number
from duologue.mockserver.store.copy_counts import counts, totals
from duologue.mockserver.store.criteria import Flag, Tables
from duologue.mockserver.store.list_form import Form


class Start(NamedTuple):
    """Where a page begins: at which time or user, and how many rows of the list are before that."""

    at: Any
    before: Any


def total(form: Form) -> ColumnElement[int]:
    """Return the total of a list without filters."""
    added = select(_copies(form, totals))
    if form.of_caller:
        mine = _whole(func.sum(_copies(form, counts)))
        added = select(func.coalesce(mine, 0)).where(counts.c.uid == bindparam("caller"))
    left_out: ColumnElement[int] = _left_out(form, bindparam("caller"))
    return added.scalar_subquery() - left_out


def by_user(form: Form) -> Start:
    """Return the user in whose copies a page of the whole app's list begins."""
    seen = _copies(form, counts) - _left_out(form, counts.c.uid, is_of_one=True)
    users = select(counts.c.uid, seen.label("copies")).subquery()
    through = func.sum(users.c.copies).over(order_by=users.c.uid, rows=(None, 0))
    line = select(users.c.uid, users.c.copies, _whole(through).label("through")).subquery()
    before = line.c.through - line.c.copies
    skip = bindparam("skip", type_=Number)
    start = (
        select(line.c.uid, before.label("before"))
        .where(before <= skip, line.c.through > skip)
        .limit(1)  # there is one; the rest of the users need not be looked at
        .cte("start")
    )
    return _at(start, "uid")


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


def _left_out(form: Form, uid: Any, *, is_of_one: bool = False) -> Any:
    """Return the number of copies that a list leaves out: of one user, or of all."""
    is_of_one = is_of_one or form.of_caller
    copy, block = schema.copies.alias(), schema.blocks.alias()
    tables = Tables(copy, schema.conversations, schema.users, "user")
    flags: list[Flag] = [copy.c.uid == uid] if is_of_one else []
    if form.of_type:
        flags.append(copy.c.kind == bindparam("type"))
    number = func.count()
    is_deleted = copy.c.hidden_seq >= literal_column("0")  # as the index of them has it
    deleted = select(number).where(is_deleted, ~criteria.visible(tables), *flags).scalar_subquery()
    if not form.hide_blocked:
        return deleted
    is_with = and_(copy.c.uid == block.c.uid, copy.c.kind == "user", copy.c.peer == block.c.blocked)
    blocked = select(number).join_from(block, copy, is_with)
    if is_of_one:  # of the block, too: few are its user's
        flags.append(block.c.uid == uid)
    return deleted + blocked.where(criteria.visible(tables), *flags).scalar_subquery()
