"""Variants in what a server does, and when."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any
from unicodedata import category

from sqlalchemy import ColumnElement, update

from duologue.mockserver import dialect
from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.errors import BadRequest, Refusal, TooManyRequests
from duologue.mockserver.domain.model import Copy, Message
from duologue.mockserver.faults.combinators import (
    Act,
    Change,
    applied_to_others_too,
    combined,
    other_parties,
    replaced,
    with_own_state,
    wrapped,
)
from duologue.mockserver.store import marks, schema
from duologue.mockserver.store.criteria import Tables
from duologue.mockserver.usecases.types import Call
from duologue.mockserver.variants.stale_reads import late
from duologue.mockserver.variants.variant import Variant

LARGEST_PAGE = 1000
SLOW_S = 0.3
LATE_S = 0.5
BUSY_EVERY = 30


# --- time ---------------------------------------------------------------------------------------


def busy() -> Change:
    """Refuse each 30th request with 429 and a Retry-After of a second."""
    numbers = itertools.count(1)

    def admit(inner: Callable[[str], None], operation_id: str) -> None:
        if next(numbers) % BUSY_EVERY == 0:
            raise TooManyRequests(1, int(time.time()) + 1)
        inner(operation_id)

    return wrapped("admit", admit)


def slowly(inner: Callable[[str], None], operation_id: str) -> None:
    """Admit a request after a pause."""
    time.sleep(SLOW_S)
    inner(operation_id)


# --- updatedAt ----------------------------------------------------------------------------------


def touch(uow: UnitOfWork, conversation: int) -> None:
    """Set a conversation's updatedAt to now."""
    table, copy = schema.conversations.c, schema.copies.c
    uow.conn.execute(
        update(schema.conversations).where(table.id == conversation).values(updated_at=uow.now)
    )
    uow.conn.execute(
        update(schema.copies).where(copy.conversation_id == conversation).values(updated_at=uow.now)
    )


def touching(*effects: str) -> Change:
    """Let the marks move updatedAt, too."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        outcome = do(uow, copy, *rest)
        touch(uow, copy.conversation)
        return outcome._replace(updated_at=uow.now) if isinstance(outcome, Copy) else outcome

    return combined(*(wrapped(effect, around) for effect in effects))


def deletion_touches(
    do: Callable[..., Message], uow: UnitOfWork, message: Message, **how: Any
) -> Message:
    """Delete a message, and move updatedAt."""
    notice = do(uow, message, **how)
    touch(uow, message.conversation)
    return notice


def from_the_named(
    rule: Callable[..., int], copy: Copy, after: int | None, *, newest: int | None
) -> int:
    """Mark as unread from the named message on, itself included."""
    if after is None:
        return rule(copy, None, newest=newest)
    return rule(copy, max(after - 1, 0), newest=newest)


def reset_and_untagged(do: Callable[..., None], uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Reset a conversation and remove its tags."""
    do(uow, copy, forever)
    marks.set_tags(uow.conn, copy, ())


def counting_deleted(_: Callable[..., Any], tables: Tables) -> ColumnElement[int]:
    """Count the unread messages of others, deleted ones included."""
    copy, conversation = tables.copy.c, tables.conversation.c
    return conversation.last_seq - copy.read_seq - copy.own


def older_of_equals(updated_at: Any, newest: Any, peer: Any) -> tuple[Any, ...]:
    """Order newest first, and rows of one second the other way round."""
    return updated_at.desc(), newest, peer.desc()


# --- input --------------------------------------------------------------------------------------


def leniently(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
    """Do what can be understood of a malformed call; refuse it without a caller or past a limit."""
    if not isinstance(problem, BadRequest) or "onBehalfOf" in problem.details:
        return refuse(problem, call, act)
    body = call.body if isinstance(call.body, dict) else {}
    tags = body.get("tags")
    if call.operation_id.startswith("update"):
        if isinstance(tags, list) and tags and all(isinstance(tag, str) for tag in tags):
            return refuse(problem, call, act)
        return act(call._replace(body={"tags": []}))
    bad = {name.partition(".")[0] for name in problem.details}
    query = {name: value for name, value in call.query.items() if name not in bad}
    kept = {name: value for name, value in body.items() if name not in bad}
    return act(call._replace(query=query, body=kept if "body" not in bad else {}))


def clamped(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
    """Use the nearest page size that is allowed."""
    size = call.query.get("perPage")
    if set(getattr(problem, "details", ())) != {"perPage"} or not isinstance(size, int):
        return refuse(problem, call, act)
    return act(call._replace(query={**call.query, "perPage": min(max(size, 1), LARGEST_PAGE)}))


def blank_refused(
    do: Callable[..., Any], uow: UnitOfWork, copy: Copy, sent: tuple[str, ...]
) -> Any:
    """Store tags, unless one is of white space and control characters alone."""
    if any(all(sign.isspace() or category(sign) == "Cc" for sign in tag) for tag in sent):
        raise BadRequest({"tags": ["A tag cannot be blank."]})
    return do(uow, copy, sent)


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "late-writes",
        "T12",
        "Writes are visible half a second later.",
        own=with_own_state(lambda: late(LATE_S)),
    ),
    Variant(
        "busy",
        "T11",
        "Each 30th request is answered 429, to be tried again in a second.",
        own=with_own_state(busy),
    ),
    Variant(
        "slow",
        "T12",
        "Each answer takes 300 milliseconds.",
        own=wrapped("admit", slowly),
    ),
    Variant(
        "groups-begin-with-a-message",
        "B2",
        "A group's conversation exists from its first message on; before that it is 404.",
        own=replaced(is_visible=dialect.is_visible, visible=dialect.visible),
    ),
    Variant(
        "group-actions-count",
        "B3",
        "Joins and kicks add a message to a group's conversation, unread for all members.",
        own=replaced(note_action=dialect.note_action, send=dialect.send),
    ),
    Variant(
        "unread-counts-the-named",
        "B8",
        "Marking as unread after a message also counts that message.",
        own=wrapped("unread_after", from_the_named),
    ),
    Variant(
        "read-moves-updated-at",
        "C3",
        "Marking as read moves updatedAt.",
        own=touching("mark_read"),
    ),
    Variant(
        "everything-moves-updated-at",
        "C3",
        "Marks, tags, resets and deleted messages move updatedAt.",
        own=combined(
            touching("mark_read", "mark_delivered", "mark_unread", "reset", "update_tags"),
            wrapped("delete_message", deletion_touches),
        ),
    ),
    Variant(
        "reset-takes-tags",
        "B9",
        "A reset removes the tags.",
        own=wrapped("reset", reset_and_untagged),
    ),
    Variant(
        "delete-of-groups-is-for-all",
        "B10",
        "Deleting a group's conversation by its id deletes it for all members.",
        own=applied_to_others_too("delete", other_parties, "group"),
    ),
    Variant(
        "deleted-messages-count",
        "E111",
        "A deleted message that was not read stays unread.",
        own=wrapped("unread_count", counting_deleted),
    ),
    Variant(
        "ties-the-other-way",
        "B17",
        "Conversations updated in the same second are listed in an order of their own.",
        own=replaced(newest_first=older_of_equals),
    ),
    Variant(
        "lenient",
        "T13",
        "The valid part of malformed input is used.",
        own=wrapped("refuse", leniently),
    ),
    Variant(
        "page-size-clamped",
        "B12",
        "A page size out of bounds is set to the nearest bound.",
        own=wrapped("refuse", clamped),
    ),
    Variant(
        "blank-tags-refused",
        "B11",
        "Tags of white space or control characters are refused.",
        own=wrapped("update_tags", blank_refused),
    ),
)
