"""Faults of unread counts that the deletion of a message changes: one for each kind of deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Message, Shown
from duologue.mockserver.faults.combinators import Change, valued, wrapped
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Tables

DELETIONS = "counts.deletions-take-only-their-own"
Whose = Callable[[Any, Any], ColumnElement[bool]]
When = Callable[[UnitOfWork, Message], bool]


def changed_by_deletions(
    change: Callable[[ColumnElement[int], ColumnElement[int]], ColumnElement[int]], whose: Whose
) -> Change:
    """Change the count; `change` gets it and how many messages of a kind are deleted."""

    def count(inner: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
        message = schema.messages.alias().c
        gone = (
            select(func.count())
            .where(
                message.conversation_id == tables.conversation.c.id,
                message.seq.is_not(None),
                message.deleted_at.is_not(None),
                whose(message, tables.copy.c),
            )
            .scalar_subquery()
        )
        return change(inner(tables), gone)

    return wrapped("unread_count", count)


def less(count: ColumnElement[int], gone: ColumnElement[int]) -> ColumnElement[int]:
    """Count one less for each deleted message."""
    return case((count > gone, count - gone), else_=0)


def is_without_any(copy: Copy, how: Shown) -> bool:
    """Match conversations whose only message is deleted."""
    del how
    return (
        copy.last_seq == 1
        and copy.last_message is not None
        and copy.last_message.deleted_at is not None
    )


def of_caller(message: Any, copy: Any) -> ColumnElement[bool]:
    """Match the caller's own messages."""
    matches: ColumnElement[bool] = message.sender == copy.uid
    return matches


def of_others(message: Any, copy: Any) -> ColumnElement[bool]:
    """Match the messages of others."""
    matches: ColumnElement[bool] = message.sender != copy.uid
    return matches


def reading_all(when: When) -> Change:
    """Mark everything in the conversation as read when such a message is deleted."""

    def around(
        do: Callable[..., Message], uow: UnitOfWork, message: Message, **how: Any
    ) -> Message:
        notice, matches = do(uow, message, **how), when(uow, message)
        if matches:
            _read_all(uow, message)
        return notice

    return wrapped("delete_message", around)


def _read_all(uow: UnitOfWork, message: Message) -> None:
    conversation, copy = schema.conversations.c, schema.copies
    newest = select(conversation.last_seq).where(conversation.id == message.conversation)
    uow.conn.execute(
        copy.update()
        .where(copy.c.conversation_id == message.conversation)
        .values(read_seq=newest.scalar_subquery(), own=0)
    )


def all_read_if_for_good(do: Callable[..., Message], *args: Any, **how: Any) -> Message:
    """Delete a message; for good, mark everything in its conversation as read."""
    uow, message = args
    notice = do(uow, message, **how)
    if how.get("forever"):
        _read_all(uow, message)
    return notice


def is_newest(uow: UnitOfWork, message: Message) -> bool:
    """Return whether the message is the newest of its conversation."""
    conversation = schema.conversations.c
    newest = select(conversation.last_seq).where(conversation.id == message.conversation)
    return bool(uow.conn.execute(newest).scalar() == message.seq and (message.seq or 0) > 1)


def is_read(uow: UnitOfWork, message: Message) -> bool:
    """Return whether another than its sender has read the message."""
    copy = schema.copies.c
    readers = select(func.count()).where(
        copy.conversation_id == message.conversation,
        copy.uid != message.sender,
        copy.read_seq >= message.seq,
    )
    return bool(uow.conn.execute(readers).scalar())


FAULTS: tuple[Fault, ...] = (
    Fault(
        "any-deletion-reads-all",
        DELETIONS,
        "Deleting a message marks everything in its conversation as read.",
        reading_all(lambda _, __: True),
    ),
    Fault(
        "deletion-for-good-reads-all",
        DELETIONS,
        "Deleting a message for good marks everything in its conversation as read.",
        wrapped("delete_message", all_read_if_for_good),
    ),
    *(
        Fault(
            f"deletion-in-a-{word}-reads-all",
            DELETIONS,
            f"Deleting a message in a {word} marks everything there as read.",
            reading_all(lambda _, message, kind=kind: bool(message.kind == kind)),  # type: ignore[misc]
        )
        for kind, word in (("user", "one-on-one"), ("group", "group"))
    ),
    Fault(
        "deletion-of-a-read-message-reads-all",
        DELETIONS,
        "Deleting a message that was read marks everything in its conversation as read.",
        reading_all(is_read),
    ),
    Fault(
        "deletion-of-the-newest-reads-all",
        DELETIONS,
        "Deleting the newest message marks everything in its conversation as read.",
        reading_all(is_newest),
    ),
    Fault(
        "deletion-of-the-only-message-counts-below-0",
        DELETIONS,
        "unreadMessageCount is -1 when the only message of a conversation is deleted.",
        valued("unread_message_count", -1, is_without_any),
    ),
    Fault(
        "deleting-an-own-message-lowers-the-count",
        DELETIONS,
        "An own message that is deleted makes one message less unread.",
        changed_by_deletions(less, of_caller),
    ),
    Fault(
        "deleting-a-message-lowers-the-count-twice",
        DELETIONS,
        "A message of another that is deleted makes two messages less unread.",
        changed_by_deletions(less, of_others),
    ),
    Fault(
        "deleting-a-message-raises-the-count",
        DELETIONS,
        "A message of another that is deleted makes two messages more unread.",
        changed_by_deletions(lambda count, gone: count + 2 * gone, of_others),
    ),
)
