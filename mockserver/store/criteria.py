"""The SQL of a list of conversations: each filter, the order, the unread count.

All of them can be replaced. They work on tables, not on rows, and are called once when a statement
is built, never for a request; values are bound parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import BindParameter

from duologue.mockserver.domain.rule import rule
from duologue.mockserver.store.schema import blocks, conversations, messages
from duologue.mockserver.store.tags import MARK

Flag = ColumnElement[bool]
Value = BindParameter[Any]


class Tables(NamedTuple):
    """The tables (or aliases) that a criterion may use; `peer` is users or groups."""

    copy: FromClause
    conversation: FromClause
    peer: FromClause
    kind: str


@cache
def alias(table: FromClause, _use: str) -> FromClause:
    """Return the table under a name of its own for one use: the query around it may name the table.

    To make its columns anew takes longer than all else of a criterion.
    """
    return table.alias()


@rule("B4", heading="Conversation properties")
def unread_count(tables: Tables) -> ColumnElement[int]:
    """Return the number of messages of others that the owner has not read.

    A deleted message cannot be read any more, so it does not count. Own messages never count.
    """
    copy, conversation = tables.copy.c, tables.conversation.c
    message = alias(messages, "unread").c
    gone = (
        select(func.count())
        .where(
            message.conversation_id == conversation.id,
            message.seq > copy.read_seq,
            message.deleted_at.is_not(None),
            message.sender != copy.uid,
        )
        .scalar_subquery()
    )
    deleted = case((conversation.deletions == 0, 0), else_=gone)
    return conversation.last_seq - copy.read_seq - copy.own - deleted


def unread_mentions(tables: Tables) -> ColumnElement[int]:
    """Count the unread messages of others that mention the owner."""
    copy, conversation = tables.copy.c, tables.conversation.c
    message = alias(messages, "mentions").c
    count = (
        select(func.count())
        .where(
            message.conversation_id == conversation.id,
            message.seq > copy.read_seq,
            message.mentions.is_not(None),
            func.holds(message.mentions, literal(MARK) + copy.uid + literal(MARK)),
            message.deleted_at.is_(None),
            message.sender != copy.uid,
        )
        .scalar_subquery()
    )
    return case((conversation.mentions == 0, 0), else_=count)


def last_read_id(tables: Tables) -> ColumnElement[int]:
    """Select the id of the message up to which the owner has read; null for none."""
    copy, message = tables.copy.c, alias(messages, "read").c
    return (
        select(message.id)
        .where(
            message.conversation_id == tables.conversation.c.id,
            message.seq == copy.read_seq,
            copy.read_seq > 0,
        )
        .scalar_subquery()
    )


@rule("B12", heading="Available operations")
def of_caller(tables: Tables, caller: Value) -> Flag:
    """Keep only the caller's own copies."""
    return tables.copy.c.uid == caller


@rule("B10")
def visible(tables: Tables) -> Flag:
    """Keep only copies that are not deleted, or have had a message since.

    The conversation is read for deleted copies only: the whole list is counted for its total, and
    one look at each of 2,000 conversations would take longer than everything else.
    """
    copy, conversation = tables.copy.c, alias(conversations, "come").c
    come = select(conversation.last_seq).where(conversation.id == copy.conversation_id)
    return case((copy.hidden_seq < 0, true()), else_=come.scalar_subquery() > copy.hidden_seq)


def not_blocked(tables: Tables) -> Flag:
    """Select conversations with users that the owner has not blocked (includeBlockedUsers)."""
    if tables.kind == "group":
        return true()
    copy, block = tables.copy.c, alias(blocks, "blocked").c
    return ~exists().where(block.uid == copy.uid, block.blocked == copy.peer)


@rule("B12")
def of_type(tables: Tables, wanted: Value) -> Flag:
    """Keep only conversations of one type (`conversationType`)."""
    return tables.copy.c.kind == wanted


@rule("B12")
def with_unread(tables: Tables, count: ColumnElement[int]) -> Flag:
    """Keep only conversations with unread messages (`unread`)."""
    del tables
    return count > 0


@rule("B12")
def tagged(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Keep only copies with one of these tags (`tags`)."""
    tags = tables.copy.c.tags
    has_any = tags != literal_column("''")  # as the index of them has it, see `copy_counts`
    return and_(has_any, or_(*(func.holds(tags, tag) for tag in wanted)))


@rule("B12")
def with_tagged_user(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Keep only 1-on-1s with a user who has one of these tags (`userTags`)."""
    return _peer_tagged(tables, wanted) if tables.kind == "user" else false()


@rule("B12")
def with_tagged_group(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Keep only groups that have one of these tags (`groupTags`)."""
    return _peer_tagged(tables, wanted) if tables.kind == "group" else false()


def _peer_tagged(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    return or_(*(func.holds(tables.peer.c.tags, tag) for tag in wanted))


@rule("B12")
def with_name_like(tables: Tables, key: Value) -> Flag:
    """Keep only conversations whose user or group has this in its name (`searchKey`)."""
    flag: Flag = func.holds(tables.peer.c.search_name, key)
    return flag


@rule("B12", "B17")
def newest_first(updated_at: Any, newest: Any, peer: Any) -> tuple[Any, ...]:
    """Order by newest `updatedAt`, then by the newest message, then by the id of the other party.

    `newest` is the number of the newest message, 0 for none.
    """
    return updated_at.desc(), newest.desc(), peer


@rule("B12")
def page_bounds(per_page: int, number: int) -> tuple[int, int]:
    """Return how many rows to take and how many to skip (`perPage`, `page`)."""
    return per_page, per_page * (number - 1)


@dataclass(frozen=True, slots=True)
class Criteria:
    """The parts of a list; each can be replaced. The defaults are those above."""

    unread_count: Callable[[Tables], ColumnElement[int]] = unread_count
    of_caller: Callable[[Tables, Value], Flag] = of_caller
    visible: Callable[[Tables], Flag] = visible
    not_blocked: Callable[[Tables], Flag] = not_blocked
    of_type: Callable[[Tables, Value], Flag] = of_type
    with_unread: Callable[[Tables, ColumnElement[int]], Flag] = with_unread
    tagged: Callable[[Tables, tuple[Value, ...]], Flag] = tagged
    with_tagged_user: Callable[[Tables, tuple[Value, ...]], Flag] = with_tagged_user
    with_tagged_group: Callable[[Tables, tuple[Value, ...]], Flag] = with_tagged_group
    with_name_like: Callable[[Tables, Value], Flag] = with_name_like
    newest_first: Callable[[Any, Any, Any], tuple[Any, ...]] = newest_first
    page_bounds: Callable[[int, int], tuple[int, int]] = page_bounds
