"""Loading a world into an empty database, in one pass over its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from sqlalchemy import bindparam, insert, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.domain.mentions import mentioned
from duologue.mockserver.errors import WorldBroken
from duologue.mockserver.store import bulk, rows, schema
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.tags import pack

# Columns that are not named get the defaults of their tables: each value bound costs its time.
_USER_COLUMNS = (
    "uid", "name", "created_at", "avatar", "role", "tags", "search_name", "status",
    "last_active_at", "status_message",
)  # fmt: skip
_MESSAGE_COLUMNS = (
    "id", "conversation_id", "seq", "kind", "sender", "receiver", "text", "sent_at", "updated_at",
)  # fmt: skip
_CONVERSATION_COLUMNS = (
    "id", "kind", "key", "last_seq", "last_message", "deletions", "created_at", "updated_at",
    "mentions",
)  # fmt: skip
_COPY_COLUMNS = (
    "uid", "kind", "peer", "conversation_id", "read_seq", "own", "tags", "updated_at",
)  # fmt: skip
_MEMBER_COLUMNS = (*_COPY_COLUMNS, "scope", "joined_at")

_DELETE = (
    update(schema.messages)
    .where(schema.messages.c.id == bindparam("wanted"))
    .values(deleted_at=bindparam("at"), deleted_by=bindparam("by"))
)
_MENTION = (
    update(schema.messages)
    .where(schema.messages.c.id == bindparam("wanted"))
    .values(mentions=bindparam("uids"))
)
_DETAIL_COLUMNS = (
    "category", "type", "content", "metadata", "tags", "delivered_at", "read_at", "edited_at",
)  # fmt: skip
_DETAIL = (
    update(schema.messages)
    .where(schema.messages.c.id == bindparam("wanted"))
    .values({name: bindparam(f"new_{name}") for name in _DETAIL_COLUMNS})
)
_EDITED = (
    update(schema.messages)
    .where(schema.messages.c.edited_at.is_not(None))
    .values(edited_by=schema.messages.c.sender, updated_at=schema.messages.c.edited_at)
)

_Row = tuple[Any, ...]
Progress = Callable[[Iterable[Any]], Iterable[Any]]


class WorldRows(Protocol):
    """The rows of a world, in the shapes of `fixtures.world`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def users(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def groups(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def messages(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def copies(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def details(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def blocks(self) -> Iterable[Any]: ...  # noqa: D102


@dataclass(slots=True)
class _ConversationRows:
    """A conversation while the messages are read."""

    id: int
    kind: str
    key: str
    began_at: int
    moved_at: int
    last_seq: int = 0
    last_message: int | None = None
    deletions: int = 0
    mentions: int = 0


@dataclass(slots=True)
class _CopyState:
    """One party's copy: how far it has read, how many later messages are its own, its tags."""

    conversation: _ConversationRows | None = None
    read_through: int = 0
    read_seq: int = 0
    own: int = 0
    tags: str = ""
    scope: str | None = None  # of members of groups only


@dataclass(slots=True)
class _WorldLayout:
    """What is known of a world's conversations after the rows read so far."""

    conversations: list[_ConversationRows] = field(default_factory=list)
    groups: dict[str, _ConversationRows] = field(default_factory=dict)
    copies: dict[tuple[str, str, str], _CopyState] = field(default_factory=dict)
    cursors: dict[int, list[_CopyState]] = field(default_factory=dict)  # by message read through
    deleted: list[dict[str, Any]] = field(default_factory=list)  # message, time, user
    mentions: list[dict[str, Any]] = field(default_factory=list)  # message, uids

    def add_copies(self, world: WorldRows) -> None:
        """Remember where each read cursor has to stop."""
        for uid, kind, peer, read_through, tags in world.copies:
            copy = _CopyState(None, read_through, tags=pack(tuple(tags)))
            self.copies[uid, kind, peer] = copy
            if read_through:
                self.cursors.setdefault(read_through, []).append(copy)

    def group_row(self, group: Any) -> _Row:
        """Return the row of a group, whose conversation begins with it."""
        guid, created_at, owner = group.guid, group.created_at, group.owner
        conversation = self.groups[guid] = self._begin("group", guid, at=created_at)
        for uid in group.members:
            copy = self.copies.setdefault((uid, "group", guid), _CopyState())
            copy.conversation, copy.scope = conversation, "admin" if uid == owner else "participant"
        return (
            guid, group.name, group.type, created_at, owner, group.icon, group.description, None,
            pack(tuple(group.tags)), None, len(group.members), None, group.name.casefold(),
        )  # fmt: skip

    def message_rows(self, messages: Iterable[Any]) -> Iterator[_Row]:
        """Yield the rows of messages; each moves its conversation and maybe some cursors.

        One long loop: a call for each of a million messages would take a second more.
        """
        copies, cursors = self.copies, self.cursors
        for message in messages:
            number, sender, receiver, kind, text, sent_at, gone_at = message
            copy = copies.get((sender, kind, receiver))
            conversation = (copy and copy.conversation) or self._conversation_of(message)
            seq = conversation.last_seq = conversation.last_seq + 1
            conversation.last_message = number
            if sent_at > conversation.moved_at:  # noqa: PLR1730  max() takes three times as long
                conversation.moved_at = sent_at
            if gone_at is not None:
                conversation.deletions += 1
                self.deleted.append({"wanted": number, "at": gone_at, "by": sender})
            if "<@uid:" in text and (uids := mentioned(text)):
                conversation.mentions += 1
                self.mentions.append({"wanted": number, "uids": pack(uids)})
            if number in cursors:
                for reader in cursors.pop(number):
                    reader.read_seq = seq
            copy = copy or copies[sender, kind, receiver]
            if number > copy.read_through:
                copy.own += 1
            yield number, conversation.id, seq, kind, sender, receiver, text, sent_at, sent_at

    def _conversation_of(self, message: Any) -> _ConversationRows:
        """Return the conversation of a sender with no message in it so far."""
        sender, receiver = message.sender, message.receiver
        if message.receiver_type == "group":
            if receiver not in self.groups:
                raise WorldBroken(
                    f"message {message.id} is for a group {receiver} that is not there"
                )
            self.copies.setdefault((sender, "group", receiver), _CopyState())
            return self.groups[receiver]
        conversation = self._begin("user", pair_key(sender, receiver), at=message.sent_at)
        for me, you in ((sender, receiver), (receiver, sender)):
            self.copies.setdefault((me, "user", you), _CopyState()).conversation = conversation
        return conversation

    def _begin(self, kind: str, key: str, *, at: int) -> _ConversationRows:
        conversation = _ConversationRows(len(self.conversations) + 1, kind, key, at, at)
        self.conversations.append(conversation)
        return conversation

    def conversation_rows(self) -> Iterator[_Row]:
        """Yield the rows of all conversations."""
        if self.cursors:
            raise WorldBroken(f"a copy is read through {min(self.cursors)}, which is no message")
        for t in self.conversations:
            yield (
                t.id,
                t.kind,
                t.key,
                t.last_seq,
                t.last_message,
                t.deletions,
                t.began_at,
                t.moved_at,
                t.mentions,
            )

    def copy_rows(self, kind: str) -> Iterator[_Row]:
        """Yield the rows of all sides of 1-on-1s or all members of groups, in key order.

        In that order each row is appended, and none is inserted between two others.
        """
        of_group = kind == "group"
        for key in sorted(key for key in self.copies if key[1] == kind):
            copy = self.copies[key]
            conversation = copy.conversation
            if conversation is None:
                continue
            moved_at = 0 if of_group else conversation.moved_at
            row = *key, conversation.id, copy.read_seq, copy.own, copy.tags, moved_at
            yield (*row, copy.scope, conversation.began_at) if of_group else row


def _user_row(user: Any) -> _Row:
    return (
        user.uid, user.name, user.created_at, user.avatar, user.role,
        pack(tuple(user.tags)), user.name.casefold(), user.status, user.last_active_at,
        user.status_message,
    )  # fmt: skip


def load(conn: Connection, world: WorldRows, *, progress: Progress = iter) -> None:
    """Load `world` into the empty database of `conn`, which is in a transaction.

    The messages, most of the rows, go through `progress`. Raise WorldBroken if rows contradict
    each other.
    """
    if isinstance(world, StateDump):
        state_dump.write(conn, world)
        return
    layout = _WorldLayout()
    layout.add_copies(world)
    plan: tuple[tuple[Any, tuple[str, ...], Iterable[_Row]], ...] = (
        (schema.users, _USER_COLUMNS, map(_user_row, world.users)),
        (schema.groups, (*rows.GROUP_FIELDS, "search_name"), map(layout.group_row, world.groups)),
        (schema.messages, _MESSAGE_COLUMNS, layout.message_rows(progress(world.messages))),
        (schema.conversations, _CONVERSATION_COLUMNS, layout.conversation_rows()),
        (schema.copies, _COPY_COLUMNS, layout.copy_rows("user")),
        (schema.copies, _MEMBER_COLUMNS, layout.copy_rows("group")),
    )
    for table, columns, made in plan:
        bulk.insert_many(conn, table, columns=columns, rows=made)
    for statement, values in ((_DELETE, layout.deleted), (_MENTION, layout.mentions)):
        if values:
            conn.execute(statement, values)
    _load_details(conn, world)
    conn.execute(insert(schema.origin), {"world": world.name, "seed": world.seed})
    bulk.continue_numbers(conn, schema.messages, schema.conversations, schema.tokens)


def _load_details(conn: Connection, world: WorldRows) -> None:
    """Load what few rows of a world have: more about a message, and who has blocked whom."""
    details = [
        {"wanted": one.id} | {f"new_{name}": _value(getattr(one, name)) for name in _DETAIL_COLUMNS}
        for one in world.details
    ]
    if details:
        conn.execute(_DETAIL, details)
        conn.execute(_EDITED)
    blocks = [one._asdict() for one in world.blocks]
    if blocks:
        conn.execute(insert(schema.blocks), blocks)


def _value(value: Any) -> Any:
    """Return a field of a detail as its column holds it."""
    if isinstance(value, tuple):
        return pack(value)
    if isinstance(value, dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return value
