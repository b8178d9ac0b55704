"""Faults that only a sequence of several calls shows."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, case, func, select

from duologue.mockserver.faults.combinators import wrapped
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Tables

CLAUSE = "walk.state-follows-a-model"


def less_all_deleted(_: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
    """Subtract all deleted messages of others from the count, also the read ones."""
    copy, conversation = tables.copy.c, tables.conversation.c
    message = schema.messages.alias().c
    gone = (
        select(func.count())
        .where(
            message.conversation_id == conversation.id,
            message.seq.is_not(None),
            message.deleted_at.is_not(None),
            message.sender != copy.uid,
        )
        .scalar_subquery()
    )
    left = conversation.last_seq - copy.read_seq - copy.own - gone
    return case((left > 0, left), else_=0)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "deleting-a-read-message-lowers-the-count",
        CLAUSE,
        "A message that was read and is deleted makes one message less unread.",
        wrapped("unread_count", less_all_deleted),
    ),
)
