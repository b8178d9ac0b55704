"""A world brought into an empty database, in one pass over its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import bindparam, insert, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.errors import WorldBroken
from duologue.mockserver.store import backends, rows, schema
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.tags import pack

# Columns that are not named get the defaults of their tables: each value bound costs its time.
_USER_COLUMNS = (
    "uid", "name", "created_at", "avatar", "role", "tags", "search_name",
)  # fmt: skip
_MESSAGE_COLUMNS = (
    "id", "conversation_id", "seq", "kind", "sender", "receiver", "text", "sent_at", "updated_at",
)  # fmt: skip
_CONVERSATION_COLUMNS = (
    "id", "kind", "key", "last_seq", "last_message", "deletions", "created_at", "updated_at",
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

_Row = tuple[Any, ...]
RequestObserver = Callable[[Iterable[Any]], Iterable[Any]]


class World(Protocol):
    """What is asked of a world: rows of the shapes that `fixtures.world` gives them."""

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


@dataclass(slots=True)
class _ConversationRows:
    """A conversation as it grows while the messages go by."""

    id: int
    kind: str
    key: str
    began_at: int
    moved_at: int
    last_seq: int = 0
    last_message: int | None = None
    deletions: int = 0


@dataclass(slots=True)
class _Side:
    """One party's copy: how far it has read, what of the rest is its own, and its tags."""

    talk: _ConversationRows | None = None
    read_through: int = 0
    read_seq: int = 0
    own: int = 0
    tags: str = ""
    scope: str | None = None  # of members of groups only


@dataclass(slots=True)
class _Loader:
    """What is known of a world's conversations when so many of its rows have gone by."""

    talks: list[_ConversationRows] = field(default_factory=list)
    groups: dict[str, _ConversationRows] = field(default_factory=dict)
    sides: dict[tuple[str, str, str], _Side] = field(default_factory=dict)
    marks: dict[int, list[_Side]] = field(default_factory=dict)  # by message read through
    deleted: list[dict[str, Any]] = field(default_factory=list)  # which message, when, by whom

    def note_copies(self, world: World) -> None:
        """Keep in mind where each cursor shall stop."""
        for uid, kind, peer, read_through, tags in world.copies:
            side = _Side(None, read_through, tags=pack(tuple(tags)))
            self.sides[uid, kind, peer] = side
            if read_through:
                self.marks.setdefault(read_through, []).append(side)

    def group_row(self, circle: Any) -> _Row:
        """The row of a group, whose conversation begins with it."""
        guid, created_at, owner = circle.guid, circle.created_at, circle.owner
        talk = self.groups[guid] = self._begin("group", guid, at=created_at)
        for uid in circle.members:
            side = self.sides.setdefault((uid, "group", guid), _Side())
            side.talk, side.scope = talk, "admin" if uid == owner else "participant"
        return (
            guid, circle.name, circle.type, created_at, owner, None, None, None,
            pack(tuple(circle.tags)), None, len(circle.members), circle.name.casefold(),
        )  # fmt: skip

    def message_rows(self, notes: Iterable[Any]) -> Iterator[_Row]:
        """The rows of messages, each of which moves its conversation and maybe some cursors.

        One long loop, since a call for each of a million messages would take a second more.
        """
        sides, marks = self.sides, self.marks
        for note in notes:
            number, sender, receiver, kind, text, sent_at, gone_at = note
            side = sides.get((sender, kind, receiver))
            talk = (side and side.talk) or self._enter(note)
            seq = talk.last_seq = talk.last_seq + 1
            talk.last_message = number
            if sent_at > talk.moved_at:  # noqa: PLR1730  max() takes three times as long
                talk.moved_at = sent_at
            if gone_at is not None:
                talk.deletions += 1
                self.deleted.append({"wanted": number, "at": gone_at, "by": sender})
            if number in marks:
                for reader in marks.pop(number):
                    reader.read_seq = seq
            side = side or sides[sender, kind, receiver]
            if number > side.read_through:
                side.own += 1
            yield number, talk.id, seq, kind, sender, receiver, text, sent_at, sent_at

    def _enter(self, note: Any) -> _ConversationRows:
        """The conversation of a sender who is heard in it for the first time."""
        sender, receiver = note.sender, note.receiver
        if note.receiver_type == "group":
            if receiver not in self.groups:
                raise WorldBroken(f"message {note.id} is for a group {receiver} that is not there")
            self.sides.setdefault((sender, "group", receiver), _Side())
            return self.groups[receiver]
        talk = self._begin("user", pair_key(sender, receiver), at=note.sent_at)
        for me, you in ((sender, receiver), (receiver, sender)):
            self.sides.setdefault((me, "user", you), _Side()).talk = talk
        return talk

    def _begin(self, kind: str, key: str, *, at: int) -> _ConversationRows:
        talk = _ConversationRows(len(self.talks) + 1, kind, key, at, at)
        self.talks.append(talk)
        return talk

    def conversation_rows(self) -> Iterator[_Row]:
        """The rows of all conversations met."""
        if self.marks:
            raise WorldBroken(f"a copy is read through {min(self.marks)}, which is no message")
        for t in self.talks:
            yield (
                t.id,
                t.kind,
                t.key,
                t.last_seq,
                t.last_message,
                t.deletions,
                t.began_at,
                t.moved_at,
            )

    def copy_rows(self, kind: str) -> Iterator[_Row]:
        """The rows of both sides of each 1-on-1 or of each member of each group, in key order.

        In that order each row is written behind the one before, and none between two others.
        """
        of_group = kind == "group"
        for key in sorted(key for key in self.sides if key[1] == kind):
            side = self.sides[key]
            talk = side.talk
            if talk is None:
                continue
            moved_at = 0 if of_group else talk.moved_at
            row = *key, talk.id, side.read_seq, side.own, side.tags, moved_at
            yield (*row, side.scope, talk.began_at) if of_group else row


def _user_row(person: Any) -> _Row:
    return (
        person.uid, person.name, person.created_at, person.avatar, person.role,
        pack(tuple(person.tags)), person.name.casefold(),
    )  # fmt: skip


def load(conn: Connection, world: World, *, watch: RequestObserver = iter) -> None:
    """Bring `world` into the empty database behind `run`, which is in a transaction.

    Its messages, most of its rows, go through `watch`. Raises WorldBroken where its rows do not
    fit together.
    """
    if isinstance(world, StateDump):
        state_dump.write(conn, world)
        return
    loader = _Loader()
    loader.note_copies(world)
    plan: tuple[tuple[Any, tuple[str, ...], Iterable[_Row]], ...] = (
        (schema.users, _USER_COLUMNS, map(_user_row, world.users)),
        (schema.groups, (*rows.GROUP_FIELDS, "search_name"), map(loader.group_row, world.groups)),
        (schema.messages, _MESSAGE_COLUMNS, loader.message_rows(watch(world.messages))),
        (schema.conversations, _CONVERSATION_COLUMNS, loader.conversation_rows()),
        (schema.copies, _COPY_COLUMNS, loader.copy_rows("user")),
        (schema.copies, _MEMBER_COLUMNS, loader.copy_rows("group")),
    )
    for table, columns, made in plan:
        backends.insert_many(conn, table, columns=columns, rows=made)
    if loader.deleted:
        conn.execute(_DELETE, loader.deleted)
    conn.execute(insert(schema.origin), {"world": world.name})
    backends.continue_numbers(conn, schema.messages, schema.conversations)
