"""Stamps: a value that differs after each committed change of the state, and how it is counted.

For a private state, whose users all tell what they change, see `worker_changes`. For any other
file: SQLite tells a connection that another one has committed, but not what. What this process
commits is counted with its kind. The writing connection alone sees whether anybody else has
committed: another process, or a connection that restored a state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Stamp(NamedTuple):
    """What numbers the committed changes that a process knows of.

    `whole` numbers those of anything but the tags of copies, `tags` those of tags alone; it is None
    while such a change is committed, so that nothing is known of them.
    """

    whole: object
    tags: object | None


class Changes(Protocol):
    """How the committed changes of a state are counted. One thread at a time commits."""

    def stamp(self, *, within_s: float) -> Stamp | None:
        """Return the stamp of what is committed; None if a commit keeps it for longer."""

    def committing(
        self, connection: Connection, changed: int, *, tagged: int
    ) -> AbstractContextManager[object]:
        """Return a context that commits so many rows, of so many of them the tags alone."""

    def replacing(self, connection: Connection) -> AbstractContextManager[object]:
        """Return a context in which a connection replaces the whole state."""


class UncountedChanges:
    """The changes of a database whose connections do not tell of each other's."""

    def stamp(self, *, within_s: float) -> Stamp | None:
        """Return None: there is no stamp."""
        del within_s
        return None

    def committing(
        self, connection: Connection, changed: int, *, tagged: int
    ) -> AbstractContextManager[object]:
        """Return a context that counts nothing."""
        del connection, changed, tagged
        return nullcontext()

    def replacing(self, connection: Connection) -> AbstractContextManager[object]:
        """Return a context that counts nothing."""
        del connection
        return nullcontext()


class FileChanges:
    """The changes of an SQLite file that others may use, who tell nothing."""

    def __init__(
        self,
        reading: Callable[[], Connection],
        writing: Callable[[], Connection],
        *,
        writers: threading.RLock,
    ) -> None:
        """Count for the connections that these return; who writes, has the lock of `writers`."""
        self._reading = reading
        self._writing = writing
        self._writers = writers
        self._whole = self._tags = 0

    def stamp(self, *, within_s: float) -> Stamp | None:
        """Return the stamp of what is committed; None while a thread of this process writes."""
        reader = self._reading().info
        seen = _others_version(reader), reader["commits"]
        stamp: Stamp | None = (
            reader["stamp"] if reader["seen"] == seen else self._stamp_anew(reader, within_s)
        )
        return stamp

    def committing(
        self, connection: Connection, changed: int, *, tagged: int
    ) -> AbstractContextManager[object]:
        """Return a context that commits so many rows, of so many of them the tags alone."""
        return _Count(self, connection, whole=changed != tagged, tags=tagged > 0)

    def replacing(self, connection: Connection) -> AbstractContextManager[object]:
        """Return a context in which a connection replaces the whole state."""
        return _Count(self, connection, whole=True, tags=False)

    def note(self, connection: Connection, *, whole: bool, tags: bool) -> None:
        """Count a change that a connection has committed."""
        self._whole += whole
        self._tags += tags
        connection.info["commits"] += 1

    def _stamp_anew(self, reader: dict[str, Any], within_s: float) -> Stamp | None:
        """Return the stamp after a change that a connection has seen, and note it there."""
        if not self._writers.acquire(timeout=within_s):
            return None
        try:
            # In this order: what is committed in between shows as a change of others, once more.
            version = _others_version(reader)
            self._look_for_others(self._writing().info)
            stamp = Stamp(self._whole, self._tags)
            reader["seen"], reader["stamp"] = (version, reader["commits"]), stamp
            return stamp
        finally:
            self._writers.release()

    def _look_for_others(self, writer: dict[str, Any]) -> None:
        """Count a change of anything if others have committed, or may have: of a new connection."""
        others = _others_version(writer)
        if others != writer.get("others"):
            writer["others"] = others
            self._whole += 1
            self._tags += 1


class _Count:
    """A context that counts a change at its end; one of a generator takes longer."""

    __slots__ = ("_changes", "_connection", "_tags", "_whole")

    def __init__(
        self, changes: FileChanges, connection: Connection, *, whole: bool, tags: bool
    ) -> None:
        self._changes = changes
        self._connection = connection
        self._whole = whole
        self._tags = tags

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._changes.note(self._connection, whole=self._whole, tags=self._tags)


def _others_version(info: dict[str, Any]) -> int:
    """Return a number that differs once another connection has committed."""
    version: int
    (version,) = info["driver"].execute("PRAGMA data_version").fetchone()
    return version
