"""Departures from "Conversation properties": createdAt and updatedAt missing, malformed, untrue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.clock import Clock
from duologue.mockserver.domain.model import Copy, LookupResult, Message
from duologue.mockserver.faults.combinators import (
    Change,
    afresh,
    in_lists,
    of_groups,
    replaced,
    shown,
    together,
    valued,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.serializers import ABSENT
from duologue.mockserver.store import schema
from duologue.mockserver.store.messages import Draft

CREATED = "properties.created-at-is-unix-seconds"
CREATED_STAYS = "properties.created-at-stays"
UPDATED = "properties.updated-at-is-unix-seconds"
UPDATED_MOVES = "properties.updated-at-moves-with-messages"
UPDATED_RESTS = "properties.updated-at-rests"
HOUR_S, DAY_S = 3_600, 86_400


# --- createdAt and updatedAt --------------------------------------------------------------------


def as_date(seconds: Any, _: Copy) -> str:
    """A time as a date in words."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _mistyped(name: str, clause: str) -> tuple[Fault, ...]:
    part = {"createdAt": "created_at", "updatedAt": "updated_at"}[name]
    short = part.replace("_", "-")
    return (
        Fault(f"{short}-is-missing", clause, f"No conversation has {name}.", valued(part, ABSENT)),
        Fault(
            f"{short}-is-missing-in-lists",
            clause,
            f"Conversations in a list have no {name}.",
            valued(part, ABSENT, in_lists),
        ),
        Fault(f"{short}-is-null", clause, f"{name} is null.", valued(part, None)),
        Fault(
            f"{short}-is-text",
            clause,
            f"{name} is a string of digits.",
            shown(part, lambda was, _: str(was)),
        ),
        Fault(
            f"{short}-is-in-milliseconds",
            clause,
            f"{name} is in milliseconds.",
            shown(part, lambda was, _: was * 1000),
        ),
        Fault(f"{short}-is-a-date", clause, f"{name} is a date in words.", shown(part, as_date)),
        Fault(
            f"{short}-has-fractions",
            clause,
            f"{name} has a fraction of a second.",
            shown(part, lambda was, _: was + 0.5),
        ),
        Fault(f"{short}-is-zero", clause, f"{name} is 0.", valued(part, 0)),
    )


def last_said_at(was: int, copy: Copy) -> int:
    """When the last message was sent."""
    return copy.last_message.sent_at if copy.last_message else was


def set_back(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
    """Done, and the conversation is as old again as when it began."""
    outcome = do(uow, copy, *rest)
    conversation, table = schema.conversations.c, schema.copies.c
    began = select(conversation.created_at).where(conversation.id == copy.conversation)
    values = {"updated_at": began.scalar_subquery()}
    uow.conn.execute(
        update(schema.conversations).where(conversation.id == copy.conversation).values(values)
    )
    uow.conn.execute(
        update(schema.copies).where(table.conversation_id == copy.conversation).values(values)
    )
    return outcome


def not_moved_by_others(was: int, copy: Copy) -> int:
    """The time of the last change, unless another wrote last."""
    last = copy.last_message
    return copy.created_at if last is not None and last.sender != copy.owner else was


def not_moved_by_own(was: int, copy: Copy) -> int:
    """The time of the last change, unless the owner wrote last."""
    last = copy.last_message
    return copy.created_at if last is not None and last.sender == copy.owner else was


def sent_everywhere(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Sent, and all conversations of the sender are as new as this one."""
    sent = send(uow, draft, found)
    mine = schema.copies.c.uid == draft.sender
    ours = select(schema.copies.c.conversation_id).where(mine)
    conversation = schema.conversations.c.id
    for table, which in ((schema.conversations, conversation.in_(ours)), (schema.copies, mine)):
        uow.conn.execute(update(table).where(which).values(updated_at=uow.now))
    return sent


def at_the_time_of_looking(part: str) -> Change:
    """A time that is always now."""
    mine = threading.local()

    def now(tell: Callable[[Clock], int], clock: Clock) -> int:
        mine.now = tell(clock)
        return int(mine.now)

    return together(wrapped("now", now), shown(part, lambda was, _: getattr(mine, "now", was)))


_CREATED = (
    *_mistyped("createdAt", CREATED),
    Fault(
        "created-at-is-in-local-time",
        CREATED,
        "createdAt is an hour ahead, as clocks in another zone are.",
        shown("created_at", lambda was, _: was + HOUR_S),
    ),
    Fault(
        "created-at-is-a-day-early",
        CREATED,
        "createdAt is the midnight before.",
        shown("created_at", lambda was, _: was - was % DAY_S),
    ),
    Fault(
        "created-at-is-now",
        CREATED_STAYS,
        "createdAt is the time at which one looks.",
        afresh(lambda: at_the_time_of_looking("created_at")),
    ),
    Fault(
        "created-at-moves-with-messages",
        CREATED_STAYS,
        "createdAt is when the last message was sent.",
        shown("created_at", last_said_at),
    ),
    Fault(
        "created-at-of-groups-moves-with-messages",
        CREATED_STAYS,
        "createdAt of a group's conversation is when the last message was sent.",
        shown("created_at", last_said_at, of_groups),
    ),
    Fault(
        "created-at-in-lists-moves-with-messages",
        CREATED_STAYS,
        "createdAt in a list is when the last message was sent.",
        shown("created_at", last_said_at, in_lists),
    ),
)

_UPDATED = (
    *_mistyped("updatedAt", UPDATED),
    Fault(
        "updated-at-is-before-created-at",
        UPDATED_MOVES,
        "updatedAt is an hour before createdAt.",
        shown("updated_at", lambda _, copy: copy.created_at - HOUR_S),
    ),
    Fault(
        "updated-at-is-before-the-last-message",
        UPDATED_MOVES,
        "updatedAt of a conversation with unread messages is a minute behind.",
        shown("updated_at", lambda was, copy: was - 60 if copy.unread_count else was),
    ),
    Fault(
        "updated-at-stays",
        UPDATED_MOVES,
        "updatedAt stays what it was in the beginning.",
        replaced(moves_updated_at=lambda _, __: False),
    ),
    Fault(
        "updated-at-of-groups-stays",
        UPDATED_MOVES,
        "updatedAt of a group's conversation stays what it was in the beginning.",
        wrapped(
            "moves_updated_at",
            lambda moves, kind, members: kind != "group" and moves(kind, members),
        ),
    ),
    Fault(
        "updated-at-is-not-moved-by-others",
        UPDATED_MOVES,
        "updatedAt moves only with what the caller writes.",
        shown("updated_at", not_moved_by_others),
    ),
    Fault(
        "updated-at-is-not-moved-by-own",
        UPDATED_MOVES,
        "updatedAt moves only with what others write.",
        shown("updated_at", not_moved_by_own),
    ),
    Fault(
        "updated-at-in-lists-stays",
        UPDATED_MOVES,
        "updatedAt in a list stays what it was in the beginning.",
        shown("updated_at", lambda _, copy: copy.created_at, in_lists),
    ),
    Fault(
        "read-sets-updated-at-back",
        UPDATED_MOVES,
        "Marking as read sets updatedAt back to when the conversation began.",
        wrapped("mark_read", set_back),
    ),
    Fault(
        "tags-set-updated-at-back",
        UPDATED_MOVES,
        "Tagging sets updatedAt back to when the conversation began.",
        wrapped("update_tags", set_back),
    ),
    Fault(
        "updated-at-is-now",
        UPDATED_RESTS,
        "updatedAt is the time at which one looks.",
        afresh(lambda: at_the_time_of_looking("updated_at")),
    ),
    Fault(
        "updated-at-moves-everywhere",
        UPDATED_RESTS,
        "A message moves updatedAt of all conversations of its sender.",
        wrapped("send", sent_everywhere),
    ),
)

FAULTS: tuple[Fault, ...] = (*_CREATED, *_UPDATED)
