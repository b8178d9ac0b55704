"""Faults of parts: fields that lastMessage lacks, and counts that a cap or a deletion cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Message, Shown
from duologue.mockserver.faults.combinators import (
    Change,
    anywhere,
    done_as,
    in_lists,
    of_users,
    shown,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.serializers import ABSENT
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Tables

WHOLE = "connections.last-message-is-whole"
CAP = "counts.count-has-no-cap"
DELETIONS = "counts.deletions-take-only-their-own"
SHORT = 100
Where = Callable[[Copy, Shown], bool]


def in_last_message(change: Callable[[dict[str, Any]], Any], where: Where = anywhere) -> Change:
    """Change lastMessage where there is one."""
    return shown("last_message", lambda was, _: was if was is ABSENT else change(was), where)


def lacking(name: str) -> Change:
    """Show lastMessage without a field."""
    return in_last_message(
        lambda message: {key: value for key, value in message.items() if key != name}
    )


def in_data(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Return a function that changes the data of a message."""
    return lambda message: {**message, "data": change(dict(message.get("data") or {}))}


def cut(data: dict[str, Any]) -> dict[str, Any]:
    """Cut a text after 100 characters."""
    return {**data, "text": data["text"][:SHORT]} if "text" in data else data


def in_one_line(data: dict[str, Any]) -> dict[str, Any]:
    """Put a text in one line."""
    return {**data, "text": " ".join(data["text"].split())} if "text" in data else data


def without_metadata(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out the metadata."""
    return {key: value for key, value in data.items() if key != "metadata"}


def cut_by_id(conversation: Any) -> Any:
    """Cut the text of the lastMessage of a conversation."""
    if "lastMessage" not in conversation:
        return conversation
    return {**conversation, "lastMessage": in_data(cut)(conversation["lastMessage"])}


def capped(most: int, where: Where = anywhere) -> Change:
    """Show at most so many unread messages."""
    return shown("unread_message_count", lambda was, _: min(was, most), where)


def less(
    whose: Callable[[Any, Any], ColumnElement[bool]],
) -> Callable[..., ColumnElement[int]]:
    """Return a count that is one less for each deleted message of a kind."""

    def count(inner: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
        message = schema.messages.alias().c
        gone = (
            select(func.count())
            .where(
                message.conversation_id == tables.conversation.c.id,
                message.deleted_at.is_not(None),
                whose(message, tables.copy.c),
            )
            .scalar_subquery()
        )
        left = inner(tables) - gone
        return case((left > 0, left), else_=0)

    return count


def all_read(do: Callable[..., Message], uow: UnitOfWork, message: Message, **how: Any) -> Message:
    """Delete a message and mark everything in its conversation as read."""
    notice = do(uow, message, **how)
    conversation, copy = schema.conversations.c, schema.copies
    newest = select(conversation.last_seq).where(conversation.id == message.conversation)
    uow.conn.execute(
        copy.update()
        .where(copy.c.conversation_id == message.conversation)
        .values(read_seq=newest.scalar_subquery(), own=0)
    )
    return notice


def all_read_if_for_good(do: Callable[..., Message], *args: Any, **how: Any) -> Message:
    """Delete a message; for good, mark everything in its conversation as read."""
    return all_read(do, *args, **how) if how.get("forever") else do(*args, **how)


FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"last-message-lacks-{name}",
            WHOLE,
            f"lastMessage shows no {name}, although the message has one.",
            lacking(name),
        )
        for name in ("muid", "tags")
    ),
    Fault(
        "last-message-lacks-metadata",
        WHOLE,
        "lastMessage shows no data.metadata, although the message has one.",
        in_last_message(in_data(without_metadata)),
    ),
    Fault(
        "last-message-text-is-cut",
        WHOLE,
        "lastMessage shows the first 100 characters of a text.",
        in_last_message(in_data(cut)),
    ),
    Fault(
        "last-message-text-is-cut-in-lists",
        WHOLE,
        "lastMessage in a list shows the first 100 characters of a text.",
        in_last_message(in_data(cut), in_lists),
    ),
    Fault(
        "last-message-text-is-cut-by-id",
        WHOLE,
        "lastMessage in the deprecated GET shows the first 100 characters of a text.",
        done_as(["getConversation"], cut_by_id),
    ),
    Fault(
        "last-message-is-in-one-line",
        WHOLE,
        "lastMessage shows a text in one line.",
        in_last_message(in_data(in_one_line)),
    ),
    Fault(
        "count-stops-at-99",
        CAP,
        "unreadMessageCount is at most 99.",
        capped(99),
    ),
    Fault(
        "count-stops-at-100",
        CAP,
        "unreadMessageCount of a 1-on-1 is at most 100.",
        capped(100, of_users),
    ),
    Fault(
        "count-in-lists-stops-at-99",
        CAP,
        "unreadMessageCount in a list is at most 99.",
        capped(99, in_lists),
    ),
    Fault(
        "any-deletion-reads-all",
        DELETIONS,
        "Deleting a message marks everything in its conversation as read.",
        wrapped("delete_message", all_read),
    ),
    Fault(
        "deletion-for-good-reads-all",
        DELETIONS,
        "Deleting a message for good marks everything in its conversation as read.",
        wrapped("delete_message", all_read_if_for_good),
    ),
    Fault(
        "deleting-an-own-message-lowers-the-count",
        DELETIONS,
        "An own message that is deleted makes one message less unread.",
        wrapped("unread_count", less(lambda message, copy: message.sender == copy.uid)),
    ),
    Fault(
        "deleting-a-message-lowers-the-count-twice",
        DELETIONS,
        "A message of another that is deleted makes two messages less unread.",
        wrapped("unread_count", less(lambda message, copy: message.sender != copy.uid)),
    ),
)
