"""A world brought into an empty database, in one pass over its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from mockserver.domain.ids import pair_key
from mockserver.domain.model import Kind
from mockserver.errors import WorldBroken
from mockserver.store import dialects, rows, schema
from mockserver.store.tags import pack

_MESSAGE_COLUMNS = (*rows.MESSAGE_FIELDS, "erased")
_CONVERSATION_COLUMNS = (
    "id", "kind", "key", "last_seq", "last_message", "deletions", "created_at", "updated_at",
)  # fmt: skip
_COPY_COLUMNS = (
    "uid", "kind", "peer", "conversation_id", "read_seq", "own", "hidden_seq", "delivered_seq",
    "tags", "updated_at", "scope", "joined_at",
)  # fmt: skip


class World(Protocol):
    """What is asked of a world: rows of the shapes that `fixtures.world` gives them."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def users(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def groups(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def messages(self) -> Iterable[Any]: ...  # noqa: D102
    @property
    def copies(self) -> Iterable[Any]: ...  # noqa: D102


@dataclass(slots=True)
class _Talk:
    """A conversation as it grows while the messages go by."""

    id: int
    began_at: int
    moved_at: int
    last_seq: int = 0
    last_message: int | None = None
    deletions: int = 0


@dataclass(slots=True)
class _Cursor:
    """How far one party has read, what of the rest is its own, and its tags."""

    read_through: int = 0
    read_seq: int = 0
    own: int = 0
    tags: str = ""


@dataclass(slots=True)
class _Loader:
    """What is known of a world's conversations when so many of its rows have gone by."""

    talks: dict[tuple[Kind, str], _Talk] = field(default_factory=dict)
    cursors: dict[tuple[str, Kind, str], _Cursor] = field(default_factory=dict)
    marks: dict[int, list[_Cursor]] = field(default_factory=dict)  # by message read through

    def note_copies(self, world: World) -> None:
        """Keep in mind where each cursor shall stop."""
        for copy in world.copies:
            cursor = _Cursor(copy.read_through, tags=pack(tuple(copy.tags)))
            self.cursors[copy.uid, copy.kind, copy.peer] = cursor
            if copy.read_through:
                self.marks.setdefault(copy.read_through, []).append(cursor)

    def group_row(self, circle: Any) -> tuple[Any, ...]:
        """The row of a group, whose conversation begins with it."""
        talk = _Talk(len(self.talks) + 1, circle.created_at, circle.created_at)
        self.talks["group", circle.guid] = talk
        return (
            circle.guid, circle.name, circle.type, circle.created_at, circle.owner, None, None,
            None, pack(tuple(circle.tags)), None, len(circle.members), circle.name.casefold(),
        )  # fmt: skip

    def message_row(self, note: Any) -> tuple[Any, ...]:
        """The row of a message, which moves its conversation and maybe some cursors."""
        kind, sent_at, gone_at = note.receiver_type, note.sent_at, note.deleted_at
        talk = self._talk(note)
        talk.last_seq += 1
        talk.last_message = note.id
        talk.moved_at = max(talk.moved_at, sent_at)
        talk.deletions += gone_at is not None
        self._move_cursors(note, talk.last_seq)
        return (
            note.id, talk.id, talk.last_seq, kind, note.sender, note.receiver, note.text, sent_at,
            "message", "text", None, sent_at, gone_at, gone_at and note.sender, None, None, False,
        )  # fmt: skip

    def _talk(self, note: Any) -> _Talk:
        is_group = note.receiver_type == "group"
        key = note.receiver if is_group else pair_key(note.sender, note.receiver)
        talk = self.talks.get((note.receiver_type, key))
        if talk is None:
            if is_group:
                raise WorldBroken(f"message {note.id} is for a group {key} that is not there")
            talk = self.talks["user", key] = _Talk(len(self.talks) + 1, note.sent_at, note.sent_at)
        return talk

    def _move_cursors(self, note: Any, seq: int) -> None:
        for cursor in self.marks.pop(note.id, ()):
            cursor.read_seq = seq
        mine = (note.sender, note.receiver_type, note.receiver)
        if mine not in self.cursors:
            self.cursors[mine] = _Cursor()
        mine_now = self.cursors[mine]
        mine_now.own += note.id > mine_now.read_through

    def conversation_rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows of all conversations met."""
        if self.marks:
            raise WorldBroken(f"a copy is read through {min(self.marks)}, which is no message")
        for (kind, key), t in self.talks.items():
            yield t.id, kind, key, t.last_seq, t.last_message, t.deletions, t.began_at, t.moved_at

    def copy_rows(self, world: World) -> Iterator[tuple[Any, ...]]:
        """The rows of both sides of each 1-on-1, and of each member of each group."""
        for (kind, key), talk in self.talks.items():
            if kind == "user":
                one, _, other = key.partition("|")
                for me, you in {one: other, other: one}.items():
                    yield *self._copy_row(talk, me, "user", you), talk.moved_at, None, None
        for circle in world.groups:
            talk = self.talks["group", circle.guid]
            for uid in circle.members:
                scope = "admin" if uid == circle.owner else "participant"
                row = self._copy_row(talk, uid, "group", circle.guid)
                yield *row, 0, scope, circle.created_at

    def _copy_row(self, talk: _Talk, *this: Any) -> tuple[Any, ...]:
        cursor = self.cursors.get(this) or _Cursor()
        return *this, talk.id, cursor.read_seq, cursor.own, -1, 0, cursor.tags


def _user_row(person: Any) -> tuple[Any, ...]:
    return (
        person.uid, person.name, person.created_at, person.avatar, None, person.role, None, None,
        pack(tuple(person.tags)), None, None, person.name.casefold(),
    )  # fmt: skip


def load(run: Connection, world: World) -> None:
    """Bring `world` into the empty database behind `run`, which is in a transaction.

    Raises WorldBroken where its rows do not fit together.
    """
    loader = _Loader()
    loader.note_copies(world)
    plan: tuple[tuple[Any, tuple[str, ...], Iterable[tuple[Any, ...]]], ...] = (
        (schema.users, (*rows.USER_FIELDS, "search_name"), map(_user_row, world.users)),
        (schema.groups, (*rows.GROUP_FIELDS, "search_name"), map(loader.group_row, world.groups)),
        (schema.messages, _MESSAGE_COLUMNS, map(loader.message_row, world.messages)),
        (schema.conversations, _CONVERSATION_COLUMNS, loader.conversation_rows()),
        (schema.copies, _COPY_COLUMNS, loader.copy_rows(world)),
    )
    for table, columns, made in plan:
        dialects.insert_many(run, table, columns=columns, rows=made)
    run.execute(insert(schema.origin), {"world": world.name})
    dialects.continue_numbers(run, schema.messages, schema.conversations)
