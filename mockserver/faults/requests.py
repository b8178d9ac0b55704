"""Faults in what requests may carry: content types, optional bodies, ids of messages, repeats."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from flask import Request, request
from sqlalchemy import select

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.errors import BadRequest
from duologue.mockserver.domain.model import Copy
from duologue.mockserver.faults.combinators import (
    Change,
    amended,
    applied_to_others_too,
    during,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.consistency import UPDATES
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import marks, schema

CHARSET = "requests.content-type-with-charset"
OPTIONAL = "requests.body-is-optional"
FIELDS = "requests.reset-takes-its-fields"
DELIVERED = "requests.delivered-up-to-reads-nothing"
READ = "requests.read-up-to-any-message"
UNREAD = "requests.unread-after-any-message"
AT_ONCE = "requests.repeats-at-once-are-as-one"
CAPITALS = "requests.capitals-in-every-operation"
ALIKE = "consistency.ids-that-look-alike"
OVERLAP_S = 0.5
READS = ("markUserConversationAsRead", "markGroupConversationAsRead")
DELIVEREDS = ("markUserConversationAsDelivered", "markGroupConversationAsDelivered")
UNREADS = ("markUserConversationAsUnread", "markGroupConversationAsUnread")
RESETS = ("resetUserConversation", "resetGroupConversation")
USERS = ("getUserConversation", "updateUserConversation", "markUserConversationAsRead")
GROUPS = ("getGroupConversation", "updateGroupConversation", "markGroupConversationAsRead")
LONGEST_ID = 100
MARKS = (*READS, *DELIVEREDS, *UNREADS, *RESETS)
Named = Callable[[Any], bool]  # of the row of the message that a mark names


# --- how a request is written ---------------------------------------------------------------------


def refusing(operations: Sequence[str], where: Callable[[Request], bool]) -> Change:
    """Refuse requests for these operations that are written in one way."""

    def admit(inner: Callable[[str], None], operation_id: str) -> None:
        inner(operation_id)
        if operation_id in operations and where(request):
            raise BadRequest({"body": ["This is not taken."]})

    return wrapped("admit", admit)


def skipping(effect: str, where: Callable[[Request], bool]) -> Change:
    """Do nothing for requests that are written in one way, and answer them as done."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        return None if where(request) else do(uow, copy, *rest)

    return wrapped(effect, around)


def has_charset(asked: Request) -> bool:
    """Match a content type with its charset."""
    return "charset" in asked.headers.get("Content-Type", "").lower()


def is_empty_object(asked: Request) -> bool:
    """Match the body {}."""
    return asked.get_data(cache=True).strip() == b"{}"


def is_typed_nothing(asked: Request) -> bool:
    """Match a content type without a body."""
    return bool(asked.headers.get("Content-Type")) and not asked.get_data(cache=True)


def has_field(name: str) -> Callable[[Request], bool]:
    """Match a body with this field."""
    return lambda asked: f'"{name}"'.encode() in asked.get_data(cache=True)


def in_another_charset(
    do: Callable[..., Any], uow: UnitOfWork, copy: Copy, sent: tuple[str, ...]
) -> Any:
    """Read the bytes of tags as Latin-1 where the content type names a charset."""
    if has_charset(request):
        sent = tuple(tag.encode().decode("latin-1") for tag in sent)
    return do(uow, copy, sent)


# --- the message that a mark names ----------------------------------------------------------------


def named_by(uow: UnitOfWork, copy: Copy, seq: int | None) -> Any:
    """Return sender and deletion of the message at a place; None where none is named."""
    if seq is None:
        return None
    table = schema.messages.c
    wanted = (table.conversation_id == copy.conversation, table.seq == seq)
    return uow.conn.execute(select(table.sender, table.deleted_at).where(*wanted)).first()


def marking(effect: str, which: Callable[[Copy, Any], bool], instead: Any) -> Change:
    """Do `instead` where a mark names a message for which `which` is true."""

    def around(do: Callable[..., None], uow: UnitOfWork, copy: Copy, seq: int | None) -> None:
        row = named_by(uow, copy, seq)
        if row is not None and which(copy, row):
            instead(do, uow, copy)
        else:
            do(uow, copy, seq)

    return wrapped(effect, around)


def is_own(copy: Copy, row: Any) -> bool:
    """Match the caller's own message."""
    return bool(row.sender == copy.owner)


def is_deleted(_: Copy, row: Any) -> bool:
    """Match a deleted message."""
    return row.deleted_at is not None


def refuse(*_: Any) -> None:
    """Refuse the message."""
    raise BadRequest({"messageId": ["This message is not taken."]})


def do_nothing(*_: Any) -> None:
    """Change nothing."""


def read_all(_: Any, uow: UnitOfWork, copy: Copy) -> None:
    """Mark everything as read."""
    marks.set_read(uow.conn, copy, copy.last_seq)


def unread_all(_: Any, uow: UnitOfWork, copy: Copy) -> None:
    """Mark everything as unread."""
    marks.set_read(uow.conn, copy, 0)


def as_without(do: Callable[..., None], uow: UnitOfWork, copy: Copy) -> None:
    """Mark as if no message was named."""
    do(uow, copy, None)


def and_read(do: Callable[..., None], uow: UnitOfWork, copy: Copy, seq: int | None) -> None:
    """Mark as delivered; where a message is named, mark as read up to it, too."""
    do(uow, copy, seq)
    if seq is not None:
        marks.set_read(uow.conn, copy, max(seq, copy.read_seq))


def newest_is_all(
    rule: Callable[..., int], copy: Copy, after: int | None, *, newest: int | None
) -> int:
    """Mark everything as unread where the newest message is named."""
    return 0 if after == copy.last_seq else rule(copy, after, newest=newest)


def id_is(schema_name: str, kind: str) -> Change:
    """Take message ids of one JSON type only."""
    return amended(f"components/schemas/{schema_name}/properties/messageId", {"type": kind})


# --- ids ------------------------------------------------------------------------------------------


def has_long_id(asked: Request) -> bool:
    """Match an id of 100 characters in the path."""
    return any(len(part) >= LONGEST_ID for part in asked.path.split("/"))


def after_the_last_underscore(parse: Callable[..., Any], text: str, caller: str) -> Any:
    """Parse an id of a conversation and cut what it names at its last underscore."""
    found = parse(text, caller)
    return found and (found[0], found[1].rpartition("_")[2])


def twins(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """Return the owner's copy of the conversation of the group with the same id."""
    found = uow.lookup.find(uow.conn, copy.owner, kind="group", peer=copy.peer).copy
    return [] if found is None else [found]


# --- repeats under way at once --------------------------------------------------------------------


def at_once(operations: Sequence[str], then: Callable[[], None]) -> Change:
    """Do something else with a request while another one for its operation is under way.

    A server that handles one request after the other has the others wait: so what comes right
    after an answer counts, too.
    """

    def make() -> Change:
        lock, until = threading.Lock(), defaultdict[str, float](float)

        def admit(inner: Callable[[str], None], operation_id: str) -> None:
            if operation_id in operations:
                with lock:
                    is_first = time.monotonic() > until[operation_id]
                    until[operation_id] = time.monotonic() + 2 * OVERLAP_S
                if not is_first:
                    then()
                time.sleep(OVERLAP_S)
            inner(operation_id)

        return wrapped("admit", admit)

    return with_own_state(make)


def refuse_at_once() -> None:
    """Refuse a request because another one is under way."""
    raise BadRequest({"body": ["Another request is under way."]})


_WORDS = (
    ("update", UPDATES),
    ("read", READS),
    ("delivered", DELIVEREDS),
    ("unread", UNREADS),
    ("reset", RESETS),
)
_BY_ID = (("get-by-id", ("getConversation",)), ("delete-by-id", ("deleteConversation",)))
_FIELDS = ("conversationWith", "deleteMessagesPermanently", "preserveOrder")

FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"charset-is-refused-by-{word}",
            CHARSET,
            f"A content type with its charset is refused ({word}).",
            refusing(operations, has_charset),
        )
        for word, operations in (_WORDS[0], _WORDS[1], _WORDS[3])
    ),
    Fault(
        "charset-changes-the-letters",
        CHARSET,
        "The bytes of a body that names its charset are read in another one.",
        wrapped("update_tags", in_another_charset),
    ),
    *(
        Fault(
            f"empty-object-is-refused-by-{word}",
            OPTIONAL,
            f"The body {{}} is refused ({word}).",
            refusing(operations, is_empty_object),
        )
        for word, operations in _WORDS[1:]
    ),
    *(
        Fault(
            f"{word}-with-an-empty-object-does-nothing",
            OPTIONAL,
            f"With the body {{}} nothing is done ({word}).",
            skipping(effect, is_empty_object),
        )
        for word, effect in (("read", "mark_read"), ("unread", "mark_unread"), ("reset", "reset"))
    ),
    Fault(
        "content-type-wants-a-body",
        OPTIONAL,
        "A mark with a content type and no body is refused.",
        refusing(MARKS, is_typed_nothing),
    ),
    *(
        Fault(
            f"reset-with-{word}-does-nothing",
            FIELDS,
            f"A reset with {name} changes nothing but is answered as done.",
            skipping("reset", has_field(name)),
        )
        for name, word in zip(_FIELDS, ("a-uid", "permanence", "order"), strict=True)
    ),
    Fault(
        "reset-with-order-is-refused",
        FIELDS,
        "A reset with preserveOrder is refused.",
        refusing(RESETS, has_field("preserveOrder")),
    ),
    Fault(
        "delivered-up-to-reads",
        DELIVERED,
        "Marking as delivered up to a message marks as read up to it, too.",
        wrapped("mark_delivered", and_read),
    ),
    Fault(
        "delivered-up-to-an-own-message-is-refused",
        DELIVERED,
        "Marking as delivered up to an own message is refused.",
        marking("mark_delivered", is_own, refuse),
    ),
    Fault(
        "marks-take-no-text",
        READ,
        "Read and delivered take message ids as integers only.",
        id_is("UpTo", "integer"),
    ),
    Fault(
        "read-up-to-an-own-message-is-refused",
        READ,
        "Reading up to an own message is refused.",
        marking("mark_read", is_own, refuse),
    ),
    Fault(
        "read-up-to-an-own-message-reads-nothing",
        READ,
        "Reading up to an own message changes nothing but is answered as done.",
        marking("mark_read", is_own, do_nothing),
    ),
    Fault(
        "read-up-to-a-deleted-message-reads-all",
        READ,
        "Reading up to a deleted message reads everything.",
        marking("mark_read", is_deleted, read_all),
    ),
    Fault(
        "unread-takes-no-integers",
        UNREAD,
        "Unread takes message ids as text only.",
        id_is("After", "string"),
    ),
    Fault(
        "unread-after-an-own-message-is-refused",
        UNREAD,
        "Marking as unread after an own message is refused.",
        marking("mark_unread", is_own, refuse),
    ),
    Fault(
        "unread-after-an-own-message-marks-the-newest",
        UNREAD,
        "Marking as unread after an own message marks the newest message alone.",
        marking("mark_unread", is_own, as_without),
    ),
    Fault(
        "unread-after-the-newest-marks-all",
        UNREAD,
        "Marking as unread after the newest message marks everything.",
        wrapped("unread_after", newest_is_all),
    ),
    Fault(
        "unread-after-a-deleted-message-marks-all",
        UNREAD,
        "Marking as unread after a deleted message marks everything.",
        marking("mark_unread", is_deleted, unread_all),
    ),
    *(
        Fault(
            f"{word}-at-once-is-refused",
            AT_ONCE,
            f"While one is under way, another request of the kind is refused ({word}).",
            at_once(operations, refuse_at_once),
            is_slow=True,
        )
        for word, operations in _WORDS
    ),
    *(
        Fault(
            f"{word}-takes-ids-letter-for-letter",
            CAPITALS,
            f"An id in capital letters is not found ({word}).",
            during(operations, "fold", lambda _, text: text),
        )
        for word, operations in (*_WORDS, *_BY_ID)
    ),
    *(
        Fault(
            f"long-{word}-are-refused",
            ALIKE,
            f"In a path, {word} of 100 characters are refused.",
            refusing(operations, has_long_id),
        )
        for word, operations in (("uids", USERS), ("guids", GROUPS))
    ),
    Fault(
        "id-is-split-at-underscores",
        ALIKE,
        "Of an id in a conversation's id only what follows the last _ is read.",
        wrapped("parse_conversation_id", after_the_last_underscore),
    ),
    *(
        Fault(
            f"{word}-is-done-to-the-group-of-the-same-id",
            ALIKE,
            f"What is done to a 1-on-1 ({word}) is also done to the group with the user's id.",
            applied_to_others_too(effect, twins, "user"),
        )
        for word, effect in (("read", "mark_read"), ("tags", "update_tags"))
    ),
)
