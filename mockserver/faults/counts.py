"""Faults of "Conversation properties": the unread count, its type and what it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.engine import Connection

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain.model import Copy, Kind, LookupResult, Message, Shown
from duologue.mockserver.faults.combinators import (
    Change,
    combined,
    during,
    in_lists,
    of_groups,
    shown,
    valued,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.store import marks, schema
from duologue.mockserver.store.criteria import Tables
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.store.store import Store

TYPE = "properties.unread-message-count-is-an-integer"
COUNTS = "properties.unread-message-count-counts"
OWN = "properties.own-messages-never-count"
LOOKING = "properties.looking-reads-nothing"


def with_own(kind: Kind) -> Change:
    """Count own messages in conversations of one kind."""

    def around(count: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
        if tables.kind != kind:
            return count(tables)
        return tables.conversation.c.last_seq - tables.copy.c.read_seq

    return wrapped("unread_count", around)


def less_own(count: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
    """Subtract the own messages from the count."""
    left = count(tables) - tables.copy.c.own
    return case((left > 0, left), else_=0)


def of_all(count: Callable[..., ColumnElement[int]], tables: Tables) -> ColumnElement[int]:
    """Count the unread messages of all conversations of the kind, if this one has any."""
    copy, conversation = schema.copies.alias().c, schema.conversations.alias().c
    total = (
        select(func.sum(conversation.last_seq - copy.read_seq - copy.own))
        .where(
            copy.uid == tables.copy.c.uid,
            copy.kind == tables.copy.c.kind,
            conversation.id == copy.conversation_id,
        )
        .scalar_subquery()
    )
    here = count(tables)
    return case((here > 0, total), else_=here)


def only_of_first_member(
    count: Callable[..., ColumnElement[int]], tables: Tables
) -> ColumnElement[int]:
    """Count nothing for one member of groups of three or more."""
    if tables.kind != "group":
        return count(tables)
    copy, other = tables.copy.c, schema.copies.alias().c
    same = other.conversation_id == copy.conversation_id
    size = select(func.count()).where(same).scalar_subquery()
    last = select(func.max(other.uid)).where(same, other.scope != "admin").scalar_subquery()
    return case(((size > 2) & (copy.uid == last), 0), else_=count(tables))


def reading_what_is_looked_at(operations: tuple[str, ...]) -> Change:
    """Mark conversations as read when these operations show them."""

    def make() -> Change:
        stores: list[Store] = []

        def reads_from(inner: Callable[[Store], Connection], store: Store) -> Connection:
            stores[:] = [store]
            return inner(store)

        def around(show: Callable[..., Any], behaviours: Behaviours, copy: Copy, how: Shown) -> Any:
            body = show(behaviours, copy, how)
            with stores[0].writing() as conn:
                marks.set_read(conn, copy, copy.last_seq)
            return body

        return combined(
            wrapped("reads_from", reads_from), during(operations, "show_conversation", around)
        )

    return with_own_state(make)


def writing_reads(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message and mark all earlier ones as read by its sender."""
    if found.copy is not None:
        marks.set_read(uow.conn, found.copy, found.copy.last_seq)
    return send(uow, draft, found)


_TYPE = (
    Fault(
        "count-is-missing",
        TYPE,
        "No conversation has an unreadMessageCount.",
        valued("unread_message_count", ABSENT),
    ),
    Fault(
        "count-is-missing-in-lists",
        TYPE,
        "Conversations in a list have no unreadMessageCount.",
        valued("unread_message_count", ABSENT, in_lists),
    ),
    Fault(
        "count-is-null",
        TYPE,
        "unreadMessageCount is null.",
        valued("unread_message_count", None),
    ),
    Fault(
        "count-is-missing-when-0",
        TYPE,
        "unreadMessageCount is left out where nothing is unread.",
        shown("unread_message_count", lambda was, _: was or ABSENT),
    ),
    Fault(
        "count-is-null-when-0",
        TYPE,
        "unreadMessageCount is null where nothing is unread.",
        shown("unread_message_count", lambda was, _: was or None),
    ),
    Fault(
        "count-is-text",
        TYPE,
        "unreadMessageCount is a string of digits.",
        shown("unread_message_count", lambda was, _: str(was)),
    ),
    Fault(
        "count-is-text-in-lists",
        TYPE,
        "unreadMessageCount is a string of digits in a list.",
        shown("unread_message_count", lambda was, _: str(was), in_lists),
    ),
    Fault(
        "count-has-fractions",
        TYPE,
        "unreadMessageCount is written with a decimal point.",
        shown("unread_message_count", lambda was, _: float(was)),
    ),
    Fault(
        "count-is-a-boolean",
        TYPE,
        "unreadMessageCount is true or false.",
        shown("unread_message_count", lambda was, _: was > 0),
    ),
    Fault(
        "count-is-an-object",
        TYPE,
        "unreadMessageCount is an object that holds the number.",
        shown("unread_message_count", lambda was, _: {"count": was}),
    ),
    Fault(
        "count-is-negative-when-0",
        TYPE,
        "unreadMessageCount is -1 where nothing is unread.",
        shown("unread_message_count", lambda was, _: was or -1),
    ),
)

_VALUE = (
    Fault(
        "count-stops-at-1",
        COUNTS,
        "unreadMessageCount is at most 1.",
        shown("unread_message_count", lambda was, _: min(was, 1)),
    ),
    Fault(
        "count-stops-at-9",
        "counts.count-has-no-cap",
        "unreadMessageCount is at most 9.",
        shown("unread_message_count", lambda was, _: min(was, 9)),
    ),
    Fault(
        "count-is-twice-as-much",
        COUNTS,
        "Each unread message counts twice.",
        shown("unread_message_count", lambda was, _: 2 * was),
    ),
    Fault(
        "count-is-one-too-many",
        COUNTS,
        "unreadMessageCount is one too many where it is more than 1.",
        shown("unread_message_count", lambda was, _: was + (was > 1)),
    ),
    Fault(
        "count-is-one-too-few",
        COUNTS,
        "unreadMessageCount is one too few where it is more than 2.",
        shown("unread_message_count", lambda was, _: was - (was > 2)),
    ),
    Fault(
        "count-in-lists-is-0",
        COUNTS,
        "unreadMessageCount is 0 in a list.",
        valued("unread_message_count", 0, in_lists),
    ),
    Fault(
        "count-in-lists-lags",
        COUNTS,
        "unreadMessageCount in a list lacks the newest message.",
        shown("unread_message_count", lambda was, _: max(was - 1, 0), in_lists),
    ),
    Fault(
        "count-of-groups-is-0",
        COUNTS,
        "Messages to groups do not count as unread for any member.",
        valued("unread_message_count", 0, of_groups),
    ),
    Fault(
        "count-is-of-all-conversations",
        COUNTS,
        "unreadMessageCount is the sum over all of the caller's conversations of the kind.",
        wrapped("unread_count", of_all),
    ),
    Fault(
        "count-leaves-out-a-member",
        COUNTS,
        "In a group of three or more, nothing counts for one of the members.",
        wrapped("unread_count", only_of_first_member),
    ),
    Fault(
        "fetching-reads",
        LOOKING,
        "Fetching a conversation marks it as read.",
        reading_what_is_looked_at(("getUserConversation", "getGroupConversation")),
    ),
    Fault(
        "fetching-by-id-reads",
        LOOKING,
        "Fetching a conversation by its id marks it as read.",
        reading_what_is_looked_at(("getConversation",)),
    ),
    Fault(
        "listing-reads",
        LOOKING,
        "Listing conversations marks them as read.",
        reading_what_is_looked_at(("listConversations",)),
    ),
    Fault(
        "tagging-reads",
        LOOKING,
        "Tagging a conversation marks it as read.",
        reading_what_is_looked_at(("updateUserConversation", "updateGroupConversation")),
    ),
)

_OWN = (
    Fault(
        "own-messages-to-users-count",
        OWN,
        "The caller's own messages to a user count as unread.",
        with_own("user"),
    ),
    Fault(
        "own-messages-to-groups-count",
        OWN,
        "The caller's own messages to a group count as unread.",
        with_own("group"),
    ),
    Fault(
        "own-messages-take-one-off",
        OWN,
        "Each own message lowers the unread count by one.",
        wrapped("unread_count", less_own),
    ),
    Fault(
        "writing-reads",
        OWN,
        "Sending a message marks all earlier ones as read.",
        wrapped("send", writing_reads),
    ),
)

FAULTS: tuple[Fault, ...] = (*_TYPE, *_VALUE, *_OWN)
