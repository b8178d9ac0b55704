"""Messages: send, find, edit, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.domain.mentions import mentioned
from duologue.mockserver.domain.model import Copy, Kind, Message
from duologue.mockserver.store import backends, one_copy, rows, schema
from duologue.mockserver.store.members import new_copy
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import pack

_copies, _conversations, _messages = schema.copies, schema.conversations, schema.messages

_START = PreparedStatement(
    insert(_conversations).returning(_conversations.c.id),
    columns=("kind", "key", "last_seq", "deletions", "created_at", "updated_at"),
)
_TAKE_PART = PreparedStatement(insert(_copies), columns=tuple(_copies.c.keys()))
_SEND = PreparedStatement(
    insert(_messages).returning(_messages.c.id),
    columns=(
        *("conversation_id", "seq", "kind", "sender", "receiver", "text", "sent_at"),
        *("category", "type", "metadata", "updated_at"),
        *("parent_id", "muid", "tags", "content", "mentions"),
    ),
)
_MOVE = PreparedStatement(
    update(_conversations)
    .where(_conversations.c.id == bindparam("wanted"))
    .values(
        last_seq=bindparam("seq"),
        last_message=bindparam("newest"),
        updated_at=bindparam("now"),
    )
)
_COUNT_OWN = PreparedStatement(update(_copies).where(*one_copy.IS_IT).values(own=_copies.c.own + 1))
_PLACE = PreparedStatement(
    update(_copies)
    .where(_copies.c.conversation_id == bindparam("wanted"))
    .values(updated_at=bindparam("now"))
)
_FIND = PreparedStatement(
    select(*rows.columns(_messages, rows.MESSAGE_FIELDS)).where(
        _messages.c.id == bindparam("wanted"), _messages.c.erased.is_(False)
    )
)
_NEWEST_OF_OTHERS = PreparedStatement(
    select(_messages.c.seq)
    .where(
        _messages.c.conversation_id == bindparam("conversation"),
        _messages.c.seq > bindparam("beyond"),
        _messages.c.sender != bindparam("owner"),
        _messages.c.deleted_at.is_(None),
    )
    .order_by(_messages.c.seq.desc())
    .limit(1)
)
_PLACE_OF = PreparedStatement(
    select(_messages.c.seq)
    .where(
        _messages.c.conversation_id == bindparam("conversation"),
        _messages.c.seq.is_not(None),
        _messages.c.id <= bindparam("wanted"),
    )
    .order_by(_messages.c.seq.desc())
    .limit(1)
)
_DELETE = (
    update(_messages)
    .where(_messages.c.id == bindparam("wanted"))
    .values(deleted_at=bindparam("now"), deleted_by=bindparam("who"))
)
_COUNT_DELETION = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("wanted"))
    .values(deletions=_conversations.c.deletions + 1)
)
_COUNT_MENTION = PreparedStatement(
    update(_conversations)
    .where(_conversations.c.id == bindparam("wanted"))
    .values(mentions=_conversations.c.mentions + bindparam("by"))
)
_ERASE = (
    update(_messages)
    .where(_messages.c.id == bindparam("wanted"))
    .values(erased=True, text="", metadata=None, content=None, tags="")
)
_NAMED = (_conversations.c.kind == bindparam("of_kind"), _conversations.c.key == bindparam("named"))
_CONVERSATION_OF = PreparedStatement(select(_conversations.c.id).where(*_NAMED))
_LOCK = PreparedStatement(select(_conversations.c.id).where(*_NAMED).with_for_update())


class Draft(NamedTuple):
    """A message before it is stored."""

    kind: Kind
    sender: str
    receiver: str
    text: str
    category: str = "message"
    type: str = "text"
    metadata: str | None = None
    parent_id: int | None = None
    muid: str | None = None
    tags: tuple[str, ...] = ()
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """What of its conversation a message moves."""

    count: bool
    last_message: bool
    updated_at: int | None


def lock(conn: Connection, kind: Kind, *, key: str) -> None:
    """Keep other writers from a conversation that exists until the transaction ends.

    Not needed where `backends.keeps_one_writer`.
    """
    _LOCK.change(conn, {"of_kind": kind, "named": key})


def lock_new(conn: Connection, kind: Kind, *, key: str) -> None:
    """Keep others from beginning the conversation, and from writing to it if one has begun it."""
    backends.lock_name(conn, f"{kind} {key}")
    lock(conn, kind, key=key)


def start(conn: Connection, draft: Draft, *, now: int) -> None:
    """Begin a 1-on-1 conversation, with a copy for each side."""
    key = pair_key(draft.sender, draft.receiver)
    row = {"kind": "user", "key": key, "last_seq": 0, "deletions": 0}
    conversation: int = _START.value(conn, row | {"created_at": now, "updated_at": now})
    sides = {draft.sender: draft.receiver, draft.receiver: draft.sender}
    place = {"conversation_id": conversation, "updated_at": now}
    for me, you in sides.items():
        _TAKE_PART.change(conn, new_copy(me, "user", you) | place)


def send(conn: Connection, draft: Draft, *, before: Copy, moves: Moves, now: int) -> Message:
    """Store a message and move its conversation in a constant number of statements.

    `before` is the sender's copy before the message.
    """
    seq = before.last_seq + 1 if moves.count else None
    row = _row(draft, conversation=before.conversation, seq=seq, now=now)
    number: int = _SEND.value(conn, row)
    _move(conn, number, before=before, moves=moves)
    if row["mentions"] is not None and moves.count:
        _COUNT_MENTION.change(conn, {"wanted": before.conversation, "by": 1})
    return _stored(number, row)


def _row(draft: Draft, *, conversation: int, seq: int | None, now: int) -> dict[str, Any]:
    return {
        "conversation_id": conversation, "seq": seq, "kind": draft.kind, "sender": draft.sender,
        "receiver": draft.receiver, "text": draft.text, "sent_at": now,
        "category": draft.category, "type": draft.type, "metadata": draft.metadata,
        "updated_at": now, "parent_id": draft.parent_id, "muid": draft.muid,
        "tags": pack(draft.tags), "content": draft.content,
        "mentions": pack(mentioned(draft.text)) or None,
    }  # fmt: skip


def _stored(number: int, row: dict[str, Any]) -> Message:
    rest = {name: value for name, value in row.items() if name != "conversation_id"}
    return Message(id=number, conversation=row["conversation_id"], **rest)


def _move(conn: Connection, number: int, *, before: Copy, moves: Moves) -> None:
    last = before.last_message.id if before.last_message else None
    at = before.updated_at if moves.updated_at is None else moves.updated_at
    target = {
        "wanted": before.conversation,
        "seq": before.last_seq + moves.count,
        "newest": number if moves.last_message else last,
        "now": at,
    }
    _MOVE.change(conn, target)
    if before.kind == "user" and at != before.updated_at:
        _PLACE.change(conn, {"wanted": before.conversation, "now": at})
    if moves.count:
        _COUNT_OWN.change(conn, one_copy.values(before))


def find(conn: Connection, number: int) -> Message | None:
    """Return the message; None if there is none or it was erased."""
    row = _FIND.first(conn, {"wanted": number})
    return None if row is None else rows.to_message(row)


def conversation_of(conn: Connection, kind: Kind, key: str) -> int | None:
    """Return the number of the conversation with this key; None for none."""
    found: int | None = _CONVERSATION_OF.value(conn, {"of_kind": kind, "named": key})
    return found


def tagged(message: Message, tags: tuple[str, ...]) -> Message:
    """Return the message with these tags and no others."""
    return message._replace(tags=pack(tags))


def edit(conn: Connection, message: Message, *, by: str, now: int) -> None:
    """Store what was changed in a message, and who it mentions now."""
    mentions = pack(mentioned(message.text)) or None
    if message.seq is not None and (mentions is None) != (message.mentions is None):
        step = {"wanted": message.conversation, "by": 1 if mentions else -1}
        _COUNT_MENTION.change(conn, step)
    conn.execute(
        update(_messages).where(_messages.c.id == message.id),
        {
            "text": message.text, "metadata": message.metadata, "content": message.content,
            "tags": message.tags, "mentions": mentions, "edited_at": now, "edited_by": by,
            "updated_at": now,
        },
    )  # fmt: skip


def newest_of_others(conn: Connection, copy: Copy) -> int | None:
    """Return the place of the newest message of others that the owner sees; None for none."""
    values = {"conversation": copy.conversation, "owner": copy.owner, "beyond": copy.hidden_seq}
    seq: int | None = _NEWEST_OF_OTHERS.value(conn, values)
    return seq


def place_of(conn: Connection, message: Message) -> int:
    """Return the place of a message in its conversation.

    A message that moved nothing has the place of the last one before it that did.
    """
    if message.seq is not None:
        return message.seq
    values = {"conversation": message.conversation, "wanted": message.id}
    return _PLACE_OF.value(conn, values) or 0


def delete_one(conn: Connection, message: Message, *, by: str, now: int, forever: bool) -> None:
    """Delete a message; with `forever`, remove its content too, and it is not found any more."""
    if message.deleted_at is None:
        if message.seq is not None:  # first: with the deletion copies become read by that number
            conn.execute(_COUNT_DELETION, {"wanted": message.conversation})
        conn.execute(_DELETE, {"wanted": message.id, "now": now, "who": by})
    if forever:
        conn.execute(_ERASE, {"wanted": message.id})


def notice(conn: Connection, message: Message, *, by: str, now: int, action: str = "") -> Message:
    """Store the notice that a message was edited or deleted; it has no place in the conversation.

    An empty `action` stands for a deletion.
    """
    draft = Draft(
        message.kind, by, message.receiver, text=action, category="action", type="message"
    )
    row = _row(draft, conversation=message.conversation, seq=None, now=now)
    row["metadata"] = str(message.id)
    number: int = _SEND.value(conn, row)
    return _stored(number, row)


def erase_all(conn: Connection, conversation: int) -> None:
    """Remove all messages of a conversation for good; every copy is then read."""
    conn.execute(delete(_messages).where(_messages.c.conversation_id == conversation))
    come = select(_conversations.c.last_seq).where(_conversations.c.id == conversation)
    conn.execute(
        update(_copies)
        .where(_copies.c.conversation_id == conversation)
        .values(read_seq=come.scalar_subquery(), own=0)
    )
    conn.execute(
        update(_conversations)
        .where(_conversations.c.id == conversation)
        .values(last_message=None, deletions=0, mentions=0)
    )
