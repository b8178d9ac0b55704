"""Faults of "Available operations": marks and resets that do too little, or on wrong copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Kind
from duologue.mockserver.faults.combinators import (
    Change,
    answered,
    applied_to_others_instead,
    applied_to_others_too,
    body,
    callers_others,
    done_as,
    is_done,
    other_parties,
    skipped,
    status,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import marks

CLAUSE = "operations."
ALL = {"user": "1-on-1", "group": "group"}


# --- what is marked -------------------------------------------------------------------------------


def read_but(left: int, kind: Kind, *, effect: str = "read_through") -> Change:
    """Leave `left` messages unread when everything is marked."""

    def around(rule: Callable[..., int], copy: Copy, *rest: Any) -> int:
        seq = rule(copy, *rest)
        whole = seq == copy.last_seq and (not rest or rest[0] is None)
        return max(copy.read_seq, seq - left) if copy.kind == kind and whole else seq

    return wrapped(effect, around)


def read_one(kind: Kind) -> Change:
    """Read only the oldest unread message when everything is marked."""

    def around(rule: Callable[..., int], copy: Copy, up_to: int | None) -> int:
        seq = rule(copy, up_to)
        whole = copy.kind == kind and up_to is None and copy.unread_count > 1
        return min(seq, copy.last_seq - copy.unread_count + 1) if whole else seq

    return wrapped("read_through", around)


def only_where_named(effect: str, kind: Kind) -> Change:
    """Skip an effect unless the body names a message."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, place: int | None) -> None:
        if copy.kind != kind or place is not None:
            do(uow, copy, place)

    return wrapped(effect, around)


def delivered_reads(kind: Kind, *, back: int = 0) -> Change:
    """Mark as read when marking as delivered, all but the last `back` messages."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, up_to: int | None) -> None:
        do(uow, copy, up_to)
        if copy.kind == kind:
            marks.set_read(uow.conn, copy, max(copy.read_seq, copy.last_seq - back))

    return wrapped("mark_delivered", around)


def _of_read(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"read-{kind}", f"{CLAUSE}mark-{kind}-conversation-as-read"
    operation, kind_name = f"mark{kind.title()}ConversationAsRead", ALL[kind]
    return (
        Fault(
            f"{name}-does-nothing",
            clause,
            f"Marking a {kind_name} conversation as read changes nothing but is answered as done.",
            skipped("mark_read", kind),
        ),
        Fault(
            f"{name}-leaves-the-newest",
            clause,
            f"Marking a {kind_name} conversation as read leaves its newest message unread.",
            read_but(1, kind),
        ),
        Fault(
            f"{name}-reads-one",
            clause,
            f"Marking a {kind_name} conversation as read reads the oldest unread message alone.",
            read_one(kind),
        ),
        Fault(
            f"{name}-wants-a-message",
            clause,
            f"Marking a {kind_name} conversation as read does nothing unless a message is named.",
            only_where_named("mark_read", kind),
        ),
        Fault(
            f"{name}-reads-all",
            clause,
            f"Marking one {kind_name} conversation as read marks all of the caller's.",
            applied_to_others_too("mark_read", callers_others, kind),
        ),
        Fault(
            f"{name}-reads-for-the-other-side",
            clause,
            f"Marking a {kind_name} conversation as read marks the other side's copy instead.",
            applied_to_others_instead("mark_read", other_parties, kind),
        ),
        Fault(
            f"{name}-answers-without-data",
            clause,
            f"The answer to marking a {kind_name} conversation as read has no data.",
            answered([operation], body({"success": True}), is_done),
        ),
        Fault(
            f"{name}-answers-201",
            clause,
            f"Marking a {kind_name} conversation as read is answered 201.",
            answered([operation], status(201), is_done),
        ),
    )


def _of_reset(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"reset-{kind}", f"{CLAUSE}reset-{kind}-conversation"
    operation, kind_name = f"reset{kind.title()}Conversation", ALL[kind]
    return (
        Fault(
            f"{name}-does-nothing",
            clause,
            f"Resetting a {kind_name} conversation changes nothing but is answered as done.",
            skipped("reset", kind),
        ),
        Fault(
            f"{name}-leaves-one",
            clause,
            f"Resetting a {kind_name} conversation brings its count to 1, not to 0.",
            read_but(1, kind, effect="read_by_reset"),
        ),
        Fault(
            f"{name}-resets-all",
            clause,
            f"Resetting one {kind_name} conversation resets all of the caller's.",
            applied_to_others_too("reset", callers_others, kind),
        ),
        Fault(
            f"{name}-resets-the-other-side",
            clause,
            f"Resetting a {kind_name} conversation resets the other side's copy instead.",
            applied_to_others_instead("reset", other_parties, kind),
        ),
        Fault(
            f"{name}-answers-no-success",
            clause,
            f"Resetting a {kind_name} conversation is done, and answered with success: false.",
            done_as([operation], lambda data: {**data, "success": False}),
        ),
    )


def _of_delivered(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"delivered-{kind}", f"{CLAUSE}mark-{kind}-conversation-as-delivered"
    operation, kind_name = f"mark{kind.title()}ConversationAsDelivered", ALL[kind]
    return (
        Fault(
            f"{name}-reads",
            clause,
            f"Marking a {kind_name} conversation as delivered marks it as read, too.",
            delivered_reads(kind),
        ),
        Fault(
            f"{name}-reads-all-but-one",
            clause,
            f"Marking a {kind_name} conversation as delivered reads all but its newest message.",
            delivered_reads(kind, back=1),
        ),
        Fault(
            f"{name}-answers-no-success",
            clause,
            f"Marking a {kind_name} conversation as delivered is answered with success: false.",
            done_as([operation], lambda data: {**data, "success": False}),
        ),
    )


def _of_unread(kind: Kind) -> tuple[Fault, ...]:
    name, clause = f"unread-{kind}", f"{CLAUSE}mark-{kind}-conversation-as-unread"
    kind_name = ALL[kind]
    return (
        Fault(
            f"{name}-does-nothing",
            clause,
            f"Marking a {kind_name} conversation as unread is only answered as done.",
            skipped("mark_unread", kind),
        ),
        Fault(
            f"{name}-wants-a-message",
            clause,
            f"Marking a {kind_name} conversation as unread does nothing unless a message is named.",
            only_where_named("mark_unread", kind),
        ),
        Fault(
            f"{name}-marks-all",
            clause,
            f"Marking one {kind_name} conversation as unread marks all of the caller's.",
            applied_to_others_too("mark_unread", callers_others, kind),
        ),
        Fault(
            f"{name}-marks-the-other-side",
            clause,
            f"Marking a {kind_name} conversation as unread marks the other side's copy instead.",
            applied_to_others_instead("mark_unread", other_parties, kind),
        ),
    )


KINDS: tuple[Kind, Kind] = ("user", "group")
FAULTS: tuple[Fault, ...] = tuple(
    fault
    for of in (_of_reset, _of_read, _of_delivered, _of_unread)
    for kind in KINDS
    for fault in of(kind)
)
