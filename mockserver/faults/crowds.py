"""Faults of groups of more than 300 members: for one of them, in one answer, or afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain.limits import LARGE_GROUP
from duologue.mockserver.domain.model import Copy, Group, LookupResult, Message, Shown
from duologue.mockserver.faults.combinators import (
    Change,
    combined,
    during,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.faults.key_behaviors import FULL, LARGE_COUNT, LARGE_LAST, LARGE_TIME
from duologue.mockserver.store.messages import Draft

Missed = dict[str, list[Message]]  # by guid: the messages that moved nothing
BY_ID = ("getConversation",)


def is_large(peer: Any) -> bool:
    """Return whether a group has more than 300 members."""
    return isinstance(peer, Group) and peer.members_count > LARGE_GROUP


def noting_missed(change: Callable[[Missed], Change]) -> Change:
    """Build a change that knows the messages which moved nothing."""

    def make() -> Change:
        missed: Missed = defaultdict(list)

        def send(inner: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: Any) -> Any:
            message = inner(uow, draft, found)
            if is_large(found.peer):
                missed[draft.receiver].append(message)
            return message

        return combined(wrapped("send", send), change(missed))

    return with_own_state(make)


Show = Callable[[Copy, Sequence[Message]], Copy]


def shows(
    name: str,
    change: Show,
    *,
    whose: Callable[[Copy, Message], bool] = lambda _, __: True,
    operations: Sequence[str] = (),
) -> Change:
    """Show a property of a copy as `change` makes it from the messages that moved nothing."""

    def build(missed: Missed) -> Change:
        def around(show: Callable[..., Any], by: Behaviours, copy: Copy, how: Shown) -> Any:
            messages = missed.get(copy.peer, []) if copy.kind == "group" else []
            if messages and whose(copy, messages[-1]):
                copy = change(copy, messages)
            return show(by, copy, how)

        if operations:
            return during(operations, f"show_{name}", around)
        return wrapped(f"show_{name}", around)

    return noting_missed(build)


def counting(copy: Copy, missed: Sequence[Message]) -> Copy:
    """Return a copy that counts them."""
    return copy._replace(unread_count=copy.unread_count + len(missed))


def showing(copy: Copy, missed: Sequence[Message]) -> Copy:
    """Return a copy that shows the last of them."""
    return copy._replace(last_message=missed[-1])


def moved(copy: Copy, missed: Sequence[Message]) -> Copy:
    """Return a copy that was updated by the last of them."""
    return copy._replace(updated_at=missed[-1].sent_at)


def is_sender(copy: Copy, message: Message) -> bool:
    """Match the sender's copy."""
    return copy.owner == message.sender


def is_silent(copy: Copy, _: Message) -> bool:
    """Match a member to whom every message so far is unread."""
    return copy.unread_count == copy.last_seq


def counting_for_the_last() -> Change:
    """Count for the member that came last."""
    last: dict[str, str] = {}

    def join(do: Callable[..., None], uow: UnitOfWork, guid: str, uid: str, *, scope: str) -> None:
        do(uow, guid, uid, scope=scope)
        last[guid] = uid

    counted = shows(
        "unread_message_count", counting, whose=lambda copy, _: last.get(copy.peer) == copy.owner
    )
    return combined(wrapped("join", join), counted)


def large_after_a_message() -> Change:
    """Treat a group as large for ever once a message moved nothing in it."""
    large: set[str] = set()

    def send(
        inner: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
    ) -> Message:
        if is_large(found.peer):
            large.add(draft.receiver)
        if isinstance(found.peer, Group) and draft.receiver in large:
            found = found._replace(peer=found.peer._replace(members_count=LARGE_GROUP + 1))
        return inner(uow, draft, found)

    return wrapped("send", send)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "crowd-with-a-message-stays-a-crowd",
        FULL,
        "A group in which a message moved nothing does not move with 300 members again.",
        with_own_state(large_after_a_message),
    ),
    Fault(
        "crowd-counts-for-its-newest-member",
        LARGE_COUNT,
        "A message to more than 300 members counts for the one that joined last.",
        with_own_state(counting_for_the_last),
    ),
    Fault(
        "crowd-counts-for-the-silent",
        LARGE_COUNT,
        "A message to more than 300 members counts for those who never wrote or read.",
        shows("unread_message_count", counting, whose=is_silent),
    ),
    Fault(
        "crowd-counts-by-id",
        LARGE_COUNT,
        "A message to more than 300 members counts in the deprecated GET.",
        shows("unread_message_count", counting, operations=BY_ID),
    ),
    Fault(
        "crowd-shows-its-message-to-the-sender",
        LARGE_LAST,
        "A message to more than 300 members is the lastMessage of its sender.",
        shows("last_message", showing, whose=is_sender),
    ),
    Fault(
        "crowd-shows-its-message-to-the-silent",
        LARGE_LAST,
        "A message to more than 300 members is the lastMessage of those who never wrote or read.",
        shows("last_message", showing, whose=is_silent),
    ),
    Fault(
        "crowd-shows-its-message-by-id",
        LARGE_LAST,
        "A message to more than 300 members is the lastMessage in the deprecated GET.",
        shows("last_message", showing, operations=BY_ID),
    ),
    Fault(
        "crowd-moves-for-its-sender",
        LARGE_TIME,
        "A message to more than 300 members moves updatedAt of its sender.",
        shows("updated_at", moved, whose=is_sender),
    ),
)
