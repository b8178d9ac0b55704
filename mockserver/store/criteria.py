"""What a list of conversations is made of, as SQL: each filter, the order, the unread count.

All of them are replaceable parts. They speak of tables, not of rows, and are called once when the
statements are built, never per request; the values come in as bound parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, false, func, or_, select, true
from sqlalchemy.sql.elements import BindParameter

from duologue.mockserver.store.schema import conversations, messages

Flag = ColumnElement[bool]
Value = BindParameter[Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables (or aliases of them) that a criterion may speak of; `peer` is users or groups."""

    copy: FromClause
    conversation: FromClause
    peer: FromClause
    kind: str


def unread_count(tables: Tables) -> ColumnElement[int]:
    """How many messages of others the owner has not read (Conversation properties; readings B4).

    A deleted message is no longer there to be read, so it does not count: the page says that it is
    not even shown. Own messages never count (inferred).
    """
    copy, conversation = tables.copy.c, tables.conversation.c
    message = messages.alias().c  # the query around this one has the last messages under that name
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


def of_caller(tables: Tables, caller: Value) -> Flag:
    """Only the caller's own copies (Available operations: list conversations)."""
    return tables.copy.c.uid == caller


def visible(tables: Tables) -> Flag:
    """Only copies that are not deleted, or came back with a message (readings B10).

    The conversation is looked at for deleted copies only: a list is counted whole for its total,
    and a look at each of 2,000 conversations would take longer than all the rest of it.
    """
    copy, conversation = tables.copy.c, conversations.alias().c
    come = select(conversation.last_seq).where(conversation.id == copy.conversation_id)
    return case((copy.hidden_seq < 0, true()), else_=come.scalar_subquery() > copy.hidden_seq)


def of_type(tables: Tables, wanted: Value) -> Flag:
    """Only conversations of one type (readings B12, conversationType)."""
    return tables.copy.c.kind == wanted


def with_unread(tables: Tables, count: ColumnElement[int]) -> Flag:
    """Only conversations with something unread (readings B12, unread)."""
    del tables
    return count > 0


def tagged(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Only copies with one of these tags (readings B12, tags)."""
    return or_(*(func.holds(tables.copy.c.tags, tag) for tag in wanted))


def with_tagged_user(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Only 1-on-1s with a user who has one of these tags (readings B12, userTags)."""
    return _peer_tagged(tables, wanted) if tables.kind == "user" else false()


def with_tagged_group(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Only groups that have one of these tags (readings B12, groupTags)."""
    return _peer_tagged(tables, wanted) if tables.kind == "group" else false()


def _peer_tagged(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    return or_(*(func.holds(tables.peer.c.tags, tag) for tag in wanted))


def with_name_like(tables: Tables, key: Value) -> Flag:
    """Only conversations whose user or group has this in the name (readings B12, searchKey)."""
    flag: Flag = func.holds(tables.peer.c.search_name, key)
    return flag


def newest_first(updated_at: Any, peer: Any) -> tuple[Any, ...]:
    """The order: newest `updatedAt` first, then by the other party's id (readings B12)."""
    return updated_at.desc(), peer


def page_bounds(per_page: int, number: int) -> tuple[int, int]:
    """How many rows to take, and how many to skip before them (readings B12, perPage and page)."""
    return per_page, per_page * (number - 1)
