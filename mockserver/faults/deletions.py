"""Faults of "Key behaviors": when lastMessage is absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Message
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    in_lists,
    shown,
    valued,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.store import schema

DELETED = "key-behaviors.deleted-last-message-is-hidden"
OTHERS = "key-behaviors.other-deletions-leave-last-message"
NEW_GROUP = "key-behaviors.new-group-has-no-last-message"


def step_back(uow: UnitOfWork, message: Message) -> None:
    """Make the newest remaining message the last one."""
    table, conversation = schema.messages.c, schema.conversations.c
    before = (
        select(table.id)
        .where(
            table.conversation_id == message.conversation,
            table.deleted_at.is_(None),
            table.seq.is_not(None),
        )
        .order_by(table.id.desc())
        .limit(1)
    )
    uow.conn.execute(
        update(schema.conversations)
        .where(conversation.id == message.conversation)
        .values(last_message=before.scalar_subquery())
    )


def deleted_then(after: Callable[[UnitOfWork, Message], None]) -> Change:
    """Call `after` when a message was deleted."""

    def around(
        do: Callable[..., Message], uow: UnitOfWork, message: Message, **how: Any
    ) -> Message:
        notice = do(uow, message, **how)
        after(uow, message)
        return notice

    return wrapped("delete_message", around)


def forget_last(uow: UnitOfWork, message: Message) -> None:
    """Clear the last message, whichever message was deleted."""
    conversation = schema.conversations.c
    uow.conn.execute(
        update(schema.conversations)
        .where(conversation.id == message.conversation)
        .values(last_message=None)
    )


def shown_all_the_same(whose: Callable[[Message, Copy], bool]) -> Change:
    """Show a deleted last message as not deleted if `whose` is true."""

    def make() -> Change:
        def around(show: Callable[..., Any], behaviours: Any, copy: Copy, how: Any) -> Any:
            last = copy.last_message
            if last is None or last.deleted_at is None or not whose(last, copy):
                return show(behaviours, copy, how)
            alive = last._replace(deleted_at=None, deleted_by=None)
            return show(behaviours, copy._replace(last_message=alive), how)

        return wrapped("show_last_message", around)

    return with_own_state(make)


def null_where_absent(was: Any, _: Copy) -> Any:
    """Show null for an absent last message."""
    return None if was is ABSENT else was


def deleted(copy: Copy, _: Any) -> bool:
    """Match conversations whose newest message was deleted."""
    return copy.last_message is not None and copy.last_message.deleted_at is not None


def new_group(copy: Copy, _: Any) -> bool:
    """Match group conversations without messages."""
    return copy.kind == "group" and copy.last_message is None


def greeting(_: Any, copy: Copy) -> Body:
    """Return a message that was never sent."""
    return {
        "id": "1",
        "sender": "app_system",
        "receiver": copy.peer,
        "receiverType": "group",
        "category": "message",
        "type": "text",
        "data": {"text": "Say hello!"},
        "sentAt": copy.created_at,
    }


FAULTS: tuple[Fault, ...] = (
    Fault(
        "deleted-message-is-shown",
        DELETED,
        "A deleted message is still lastMessage.",
        shown_all_the_same(lambda _, __: True),
    ),
    Fault(
        "deleted-message-is-shown-to-its-sender",
        DELETED,
        "A deleted message is still lastMessage for its sender.",
        shown_all_the_same(lambda message, copy: message.sender == copy.owner),
    ),
    Fault(
        "deleted-message-is-shown-to-its-receiver",
        DELETED,
        "A deleted message is still lastMessage for its receiver.",
        shown_all_the_same(lambda message, copy: message.sender != copy.owner),
    ),
    Fault(
        "deleted-message-is-shown-in-groups",
        DELETED,
        "A deleted message of a group is still lastMessage.",
        shown_all_the_same(lambda _, copy: copy.kind == "group"),
    ),
    Fault(
        "deleted-message-leaves-the-one-before",
        DELETED,
        "When the last message is deleted, lastMessage is the one before.",
        deleted_then(step_back),
    ),
    Fault(
        "deleted-message-leaves-null",
        DELETED,
        "When the last message is deleted, lastMessage is null.",
        shown("last_message", null_where_absent, deleted),
    ),
    Fault(
        "deleted-message-leaves-an-empty-object",
        DELETED,
        "When the last message is deleted, lastMessage is an object without details.",
        shown("last_message", lambda was, _: {} if was is ABSENT else was, deleted),
    ),
    Fault(
        "deleted-message-leaves-null-in-lists",
        DELETED,
        "When the last message is deleted, lastMessage is null in a list.",
        shown(
            "last_message",
            null_where_absent,
            lambda copy, how: deleted(copy, how) and in_lists(copy, how),
        ),
    ),
    Fault(
        "any-deletion-hides-the-last-message",
        OTHERS,
        "When any message is deleted, lastMessage is absent.",
        deleted_then(forget_last),
    ),
    Fault(
        "new-group-has-null",
        NEW_GROUP,
        "lastMessage of a new group is null.",
        shown("last_message", null_where_absent, new_group),
    ),
    Fault(
        "new-group-has-an-empty-object",
        NEW_GROUP,
        "lastMessage of a new group is an object without details.",
        valued("last_message", {}, new_group),
    ),
    Fault(
        "new-group-has-a-greeting",
        NEW_GROUP,
        "lastMessage of a new group is a message that was never sent.",
        shown("last_message", greeting, new_group),
    ),
    Fault(
        "new-group-has-null-in-lists",
        NEW_GROUP,
        "lastMessage of a new group is null in a list.",
        shown(
            "last_message",
            null_where_absent,
            lambda copy, how: new_group(copy, how) and in_lists(copy, how),
        ),
    ),
)
