"""Faults of "Conversation properties": missing, malformed or wrong createdAt and updatedAt."""

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
    combined,
    in_lists,
    of_groups,
    replaced,
    shown,
    valued,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.store import schema
from duologue.mockserver.store.messages import Draft

CREATED = "properties.created-at-is-unix-seconds"
CREATED_STAYS = "properties.created-at-stays"
UPDATED = "properties.updated-at-is-unix-seconds"
UPDATED_MOVES = "properties.updated-at-moves-with-messages"
UPDATED_RESTS = "properties.updated-at-rests"
HOUR_S, DAY_S = 3_600, 86_400


# --- createdAt and updatedAt ----------------------------------------------------------------------


def as_date(seconds: Any, _: Copy) -> str:
    """Return a time as an ISO 8601 date."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _mistyped(name: str, clause: str) -> tuple[Fault, ...]:
    behaviour = {"createdAt": "created_at", "updatedAt": "updated_at"}[name]
    short = behaviour.replace("_", "-")
    return (
        Fault(
            f"{short}-is-missing", clause, f"No conversation has {name}.", valued(behaviour, ABSENT)
        ),
        Fault(
            f"{short}-is-missing-in-lists",
            clause,
            f"Conversations in a list have no {name}.",
            valued(behaviour, ABSENT, in_lists),
        ),
        Fault(f"{short}-is-null", clause, f"{name} is null.", valued(behaviour, None)),
        Fault(
            f"{short}-is-text",
            clause,
            f"{name} is a string of digits.",
            shown(behaviour, lambda was, _: str(was)),
        ),
        Fault(
            f"{short}-is-in-milliseconds",
            clause,
            f"{name} is in milliseconds.",
            shown(behaviour, lambda was, _: was * 1000),
        ),
        Fault(
            f"{short}-is-a-date", clause, f"{name} is an ISO 8601 date.", shown(behaviour, as_date)
        ),
        Fault(
            f"{short}-has-fractions",
            clause,
            f"{name} has a fraction of a second.",
            shown(behaviour, lambda was, _: was + 0.5),
        ),
        Fault(f"{short}-is-zero", clause, f"{name} is 0.", valued(behaviour, 0)),
    )


def last_sent_at(was: int, copy: Copy) -> int:
    """Return when the last message was sent."""
    return copy.last_message.sent_at if copy.last_message else was


def back_when_deleted(was: Any, copy: Copy) -> Any:
    """Return when a conversation began if its last message is deleted."""
    last = copy.last_message
    return was if last is None or last.deleted_at is None else copy.created_at


def set_back_by_deletion(
    do: Callable[..., Message], uow: UnitOfWork, message: Message, **how: Any
) -> Message:
    """Delete a message and set updatedAt back to the start of the conversation."""
    notice = do(uow, message, **how)
    _set_back(uow, message.conversation)
    return notice


def set_back(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
    """Apply the effect and set updatedAt back to the start of the conversation."""
    outcome = do(uow, copy, *rest)
    _set_back(uow, copy.conversation)
    return outcome


def _set_back(uow: UnitOfWork, number: int) -> None:
    conversation, table = schema.conversations.c, schema.copies.c
    began = select(conversation.created_at).where(conversation.id == number)
    values = {"updated_at": began.scalar_subquery()}
    uow.conn.execute(update(schema.conversations).where(conversation.id == number).values(values))
    uow.conn.execute(update(schema.copies).where(table.conversation_id == number).values(values))


def not_moved_by_others(was: int, copy: Copy) -> int:
    """Return updatedAt, or createdAt if another user wrote last."""
    last = copy.last_message
    return copy.created_at if last is not None and last.sender != copy.owner else was


def not_moved_by_own(was: int, copy: Copy) -> int:
    """Return updatedAt, or createdAt if the owner wrote last."""
    last = copy.last_message
    return copy.created_at if last is not None and last.sender == copy.owner else was


def sent_everywhere(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message and set updatedAt of all conversations of the sender."""
    sent = send(uow, draft, found)
    mine = schema.copies.c.uid == draft.sender
    ours = select(schema.copies.c.conversation_id).where(mine)
    conversation = schema.conversations.c.id
    for table, which in ((schema.conversations, conversation.in_(ours)), (schema.copies, mine)):
        uow.conn.execute(update(table).where(which).values(updated_at=uow.now))
    return sent


def sent_now(message: Any, now: int) -> Any:
    """Return a message with the present time as the one when it was sent."""
    return message if message is ABSENT else {**message, "sentAt": now}


def at_the_time_of_looking(
    behaviour: str, change: Callable[[Any, int], Any] = lambda _, now: now
) -> Change:
    """Show the present time; `change` gets the value that was, and the time."""
    local = threading.local()

    def now(read: Callable[[Clock], int], clock: Clock) -> int:
        local.now = read(clock)
        return int(local.now)

    return combined(
        wrapped("now", now),
        shown(behaviour, lambda was, _: change(was, local.now) if hasattr(local, "now") else was),
    )


_CREATED = (
    *_mistyped("createdAt", CREATED),
    Fault(
        "created-at-is-in-local-time",
        CREATED,
        "createdAt is an hour ahead, as in another time zone.",
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
        "createdAt is the time of the request.",
        with_own_state(lambda: at_the_time_of_looking("created_at")),
    ),
    Fault(
        "created-at-moves-with-messages",
        CREATED_STAYS,
        "createdAt is when the last message was sent.",
        shown("created_at", last_sent_at),
    ),
    Fault(
        "created-at-of-groups-moves-with-messages",
        CREATED_STAYS,
        "createdAt of a group's conversation is when the last message was sent.",
        shown("created_at", last_sent_at, of_groups),
    ),
    Fault(
        "created-at-in-lists-moves-with-messages",
        CREATED_STAYS,
        "createdAt in a list is when the last message was sent.",
        shown("created_at", last_sent_at, in_lists),
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
        "updatedAt does not change.",
        replaced(moves_updated_at=lambda _, __: False),
    ),
    Fault(
        "updated-at-of-groups-stays",
        UPDATED_MOVES,
        "updatedAt of a group's conversation does not change.",
        wrapped(
            "moves_updated_at",
            lambda moves, kind, members: kind != "group" and moves(kind, members),
        ),
    ),
    Fault(
        "updated-at-is-not-moved-by-others",
        UPDATED_MOVES,
        "updatedAt changes only with the caller's messages.",
        shown("updated_at", not_moved_by_others),
    ),
    Fault(
        "updated-at-is-not-moved-by-own",
        UPDATED_MOVES,
        "updatedAt changes only with messages of others.",
        shown("updated_at", not_moved_by_own),
    ),
    Fault(
        "updated-at-in-lists-stays",
        UPDATED_MOVES,
        "updatedAt in a list does not change.",
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
    *(
        Fault(
            f"{word}-sets-updated-at-back",
            UPDATED_MOVES,
            f"{what} sets updatedAt back to when the conversation began.",
            wrapped(effect, set_back),
        )
        for word, what, effect in (
            ("delivered", "Marking as delivered", "mark_delivered"),
            ("unread", "Marking as unread", "mark_unread"),
            ("reset", "A reset", "reset"),
        )
    ),
    Fault(
        "deletion-sets-updated-at-back",
        UPDATED_MOVES,
        "Deleting a message sets updatedAt back to when the conversation began.",
        wrapped("delete_message", set_back_by_deletion),
    ),
    Fault(
        "updated-at-in-lists-goes-back-with-a-deletion",
        UPDATED_MOVES,
        "A list shows when a conversation began as updatedAt once its last message is deleted.",
        shown("updated_at", back_when_deleted, in_lists),
    ),
    Fault(
        "updated-at-is-now",
        UPDATED_RESTS,
        "updatedAt is the time of the request.",
        with_own_state(lambda: at_the_time_of_looking("updated_at")),
    ),
    Fault(
        "updated-at-moves-everywhere",
        UPDATED_RESTS,
        "A message moves updatedAt of all conversations of its sender.",
        wrapped("send", sent_everywhere),
    ),
)

_SENT = (
    Fault(
        "last-message-is-sent-now",
        "connections.last-message-is-whole",
        "sentAt of lastMessage is the time of the request.",
        with_own_state(lambda: at_the_time_of_looking("last_message", sent_now)),
    ),
)

FAULTS: tuple[Fault, ...] = (*_CREATED, *_UPDATED, *_SENT)
