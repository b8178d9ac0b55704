"""Queries of the state for data that no operation of the API returns.

Users in the order of creation with their unread counts, and the messages of one conversation.
Faults do not affect these, so the page shows the state beside the answers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Message
from duologue.mockserver.store import criteria, rows, schema
from duologue.mockserver.store.criteria import Tables

_users, _copies = schema.users, schema.copies
_conversations, _messages = schema.conversations, schema.messages


class UserSummary(NamedTuple):
    """A user in the page's list."""

    uid: str
    name: str
    avatar: str | None


def users(
    conn: Connection, *, search: str, take: int, skip: int
) -> tuple[tuple[UserSummary, ...], int]:
    """Return a slice of the users, oldest first, and how many there are in all."""
    wanted: ColumnElement[bool] = _users.c.deactivated_at.is_(None)
    if search:
        key = search.casefold()
        wanted &= or_(func.holds(_users.c.search_name, key), func.holds(_users.c.uid, key))
    listed = (
        select(_users.c.uid, _users.c.name, _users.c.avatar)
        .where(wanted)
        .order_by(_users.c.created_at, _users.c.uid)
        .limit(take)
        .offset(skip)
    )
    total = conn.execute(select(func.count()).select_from(_users).where(wanted)).scalar_one()
    return tuple(UserSummary(*row) for row in conn.execute(listed)), total


def first_user(conn: Connection) -> str | None:
    """Return the uid of the oldest user; None if there is none."""
    found, _ = users(conn, search="", take=1, skip=0)
    return found[0].uid if found else None


def unread_totals(conn: Connection, uids: tuple[str, ...]) -> dict[str, int]:
    """Return how many messages are unread for each user, in all visible conversations."""
    tables = Tables(_copies, _conversations, _users, "user")
    counted = (
        select(_copies.c.uid, func.sum(criteria.unread_count(tables)))
        .join(_conversations, _conversations.c.id == _copies.c.conversation_id)
        .where(_copies.c.uid.in_(uids), criteria.visible(tables))
        .group_by(_copies.c.uid)
    )
    return {uid: int(count) for uid, count in conn.execute(counted)}


def messages(
    conn: Connection, conversation: int, *, before: int | None, take: int
) -> tuple[Message, ...]:
    """Return the newest messages of a conversation, oldest first; those before `before`."""
    wanted = (_messages.c.conversation_id == conversation) & _messages.c.erased.is_(False)
    if before is not None:
        wanted &= _messages.c.id < before
    listed: Any = (
        select(*rows.columns(_messages, rows.MESSAGE_FIELDS))
        .where(wanted)
        .order_by(_messages.c.id.desc())
        .limit(take)
    )
    found = [rows.to_message(row) for row in conn.execute(listed)]
    return tuple(message for message in reversed(found) if message is not None)
