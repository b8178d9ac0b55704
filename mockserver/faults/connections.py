"""Faults of "How conversations connect": the content of lastMessage and which message it shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, LookupResult, Message
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    in_lists,
    of_users,
    shown,
    valued,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.store import schema
from duologue.mockserver.store.messages import Draft

MESSAGE = "properties.last-message-is-an-object"
NEWEST = "connections.last-message-is-the-newest"

Value = Callable[[Any, Copy], Any]


# --- lastMessage ----------------------------------------------------------------------------------


def where_there(change: Callable[[Body], Any]) -> Value:
    """Change the last message if there is one."""
    return lambda was, _: was if was is ABSENT else change(was)


def lacking(detail: str) -> Value:
    """Remove a property of the last message."""
    return where_there(lambda was: {name: value for name, value in was.items() if name != detail})


def with_detail(name: str, change: Callable[[Any], Any]) -> Value:
    """Change a property of the last message."""
    return where_there(lambda was: {**was, name: change(was[name])})


def with_text(change: Callable[[str], Any]) -> Value:
    """Change the text of the last message, unless it was deleted."""

    def changed(was: Body) -> Body:
        text = was["data"].get("text")
        return was if text is None else {**was, "data": {**was["data"], "text": change(text)}}

    return where_there(changed)


def sent_unless(skips: Callable[[UnitOfWork, Draft, LookupResult], bool]) -> Change:
    """Do not make a message the last one if `skips` is true; it still counts as unread."""

    def around(
        send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
    ) -> Message:
        if not skips(uow, draft, found):
            return send(uow, draft, found)
        still = wrapped("moves_last_message", lambda *_: False)(uow.behaviours)
        return send(uow.with_behaviours(still), draft, found)

    return wrapped("send", around)


def has_last(_: UnitOfWork, __: Draft, found: LookupResult) -> bool:
    """Return whether the conversation already has a last message."""
    return found.copy is not None and found.copy.last_message is not None


def answers_another(_: UnitOfWork, draft: Draft, found: LookupResult) -> bool:
    """Return whether the previous message is of another user."""
    last = found.copy.last_message if found.copy else None
    return last is not None and last.sender != draft.sender


def answers_in_group(uow: UnitOfWork, draft: Draft, found: LookupResult) -> bool:
    """Return whether the previous message in a group is of another member."""
    return draft.kind == "group" and answers_another(uow, draft, found)


def every_second() -> Change:
    """Do not make every second message the last one."""
    numbers = itertools.count(1)
    return sent_unless(lambda _, __, found: found.copy is not None and next(numbers) % 2 == 0)


def last_everywhere(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message and make it the last one of all conversations of its sender."""
    sent = send(uow, draft, found)
    copy, conversation = schema.copies.c, schema.conversations.c
    ours = select(copy.conversation_id).where(copy.uid == draft.sender)
    uow.conn.execute(
        update(schema.conversations)
        .where(conversation.id.in_(ours), conversation.last_message.is_not(None))
        .values(last_message=sent.id)
    )
    return sent


_MESSAGE = (
    Fault(
        "last-message-is-missing",
        MESSAGE,
        "No conversation has a lastMessage.",
        valued("last_message", ABSENT),
    ),
    Fault(
        "last-message-is-missing-in-lists",
        MESSAGE,
        "Conversations in a list have no lastMessage.",
        valued("last_message", ABSENT, in_lists),
    ),
    Fault(
        "last-message-is-null",
        MESSAGE,
        "lastMessage is null where there is one.",
        shown("last_message", where_there(lambda _: None)),
    ),
    Fault(
        "last-message-is-an-id",
        MESSAGE,
        "lastMessage is the message's id alone.",
        shown("last_message", where_there(lambda was: was["id"])),
    ),
    Fault(
        "last-message-is-a-list",
        MESSAGE,
        "lastMessage is a list that holds the message.",
        shown("last_message", where_there(lambda was: [was])),
    ),
    Fault(
        "last-message-is-empty",
        MESSAGE,
        "lastMessage is an object without details.",
        shown("last_message", where_there(lambda _: {})),
    ),
    *(
        Fault(
            f"last-message-lacks-{word}",
            MESSAGE,
            f"lastMessage has no {detail}.",
            shown("last_message", lacking(detail)),
        )
        for word, detail in (
            ("sender", "sender"),
            ("receiver", "receiver"),
            ("sent-at", "sentAt"),
            ("data", "data"),
        )
    ),
    Fault(
        "last-message-is-to-a-person",
        MESSAGE,
        "lastMessage.receiverType is person for a 1-on-1.",
        shown(
            "last_message",
            with_detail("receiverType", lambda was: "person" if was == "user" else was),
        ),
    ),
    Fault(
        "last-message-is-sent-in-milliseconds",
        MESSAGE,
        "lastMessage.sentAt is in milliseconds.",
        shown("last_message", with_detail("sentAt", lambda was: was * 1000)),
    ),
)

_NEWEST = (
    Fault(
        "last-message-is-the-first",
        NEWEST,
        "lastMessage is always the first message.",
        sent_unless(has_last),
    ),
    Fault(
        "last-message-is-every-second",
        NEWEST,
        "Every second message does not become lastMessage.",
        with_own_state(every_second),
    ),
    Fault(
        "last-message-skips-answers",
        NEWEST,
        "A message that follows another's does not become lastMessage.",
        sent_unless(answers_another),
    ),
    Fault(
        "last-message-of-groups-skips-answers",
        NEWEST,
        "A message to a group that follows another's does not become lastMessage.",
        sent_unless(answers_in_group),
    ),
    Fault(
        "last-message-is-of-any-conversation",
        NEWEST,
        "A message becomes lastMessage of all conversations of its sender.",
        wrapped("send", last_everywhere),
    ),
    Fault(
        "last-message-has-the-receiver-as-sender",
        NEWEST,
        "lastMessage names its receiver as its sender.",
        shown(
            "last_message",
            where_there(lambda was: {**was, "sender": was["receiver"]}),
            of_users,
        ),
    ),
    Fault(
        "last-message-is-cut",
        NEWEST,
        "The text of lastMessage is cut after 12 characters.",
        shown("last_message", with_text(lambda text: text[:12])),
    ),
    Fault(
        "last-message-has-no-words-in-lists",
        NEWEST,
        "The text of lastMessage is empty in a list.",
        shown("last_message", with_text(lambda _: ""), in_lists),
    ),
)

FAULTS: tuple[Fault, ...] = (*_MESSAGE, *_NEWEST)
