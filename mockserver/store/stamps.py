"""Stamps: a value that differs after each committed change of the state, and how it is kept.

SQLite tells a connection that another one has committed, but not what. What this process commits is
counted with its kind. The writing connection alone sees whether anybody else has committed: another
process, or a connection that restored a state.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from duologue.mockserver.store.worker_changes import OwnChanges


class Stamp(NamedTuple):
    """What numbers the committed changes that a process knows of.

    `whole` counts those of anything but the tags of copies, `tags` those of tags alone.
    """

    whole: int
    tags: int


class CommitCounts:
    """The stamp of a state, kept up to date; only one thread at a time may call a method."""

    def __init__(self, changes: OwnChanges | None) -> None:
        """Begin at 0; `changes` tell what the other users of a file change, if all of them do."""
        self._changes = changes
        self._stamp = Stamp(0, 0)
        self._others_changed: tuple[int, ...] | None = None  # see `OwnChanges.of_others`
        self._writer_saw: int | None = None  # the version of what others have committed

    def meet_writer(self) -> None:
        """Take anything as changed by others: the writing connection is another one now."""
        self._writer_saw = None
        self._others_changed = None

    def telling(self) -> AbstractContextManager[Any]:
        """Return a context for the commit of a change of more than tags."""
        return nullcontext() if self._changes is None else self._changes.telling()

    def note_commit(self, changed: int, *, tagged: int) -> None:
        """Count a transaction that has changed so many rows, of so many of them the tags alone.

        SQLite counts all rows, those of triggers included; only the statement that replaces tags
        tells that it does. So one that does anything else is never taken for a change of tags.
        """
        whole, tags = self._stamp
        self._stamp = Stamp(whole + (changed != tagged), tags + (tagged > 0))

    def note_replaced(self) -> None:
        """Count that the whole state was replaced."""
        self._stamp = self._stamp._replace(whole=self._stamp.whole + 1)

    def stamp_for(self, reader: dict[str, Any], writer: dict[str, Any]) -> Stamp | None:
        """Return the stamp of what a reading connection sees; None while others commit.

        Note it in the reader's `info`, with what it was seen for. No thread of this process may
        write meanwhile.
        """
        # In this order: what is committed in between shows as a change of others, once more.
        (version,) = reader["driver"].execute("PRAGMA data_version").fetchone()
        (others,) = writer["driver"].execute("PRAGMA data_version").fetchone()
        if others != self._writer_saw and not self._note_others(others):
            return None
        reader["seen"], reader["stamp"] = (version, reader["commits"]), self._stamp
        return self._stamp

    def _note_others(self, version: int) -> bool:
        """Count what others have committed up to a version; return False while one commits.

        Without `changes` it may be anything; with them it is a change of tags unless they tell.
        """
        is_whole = True
        if self._changes is not None:
            changed = self._changes.of_others()
            if changed is None:
                return False
            is_whole, self._others_changed = changed != self._others_changed, changed
        self._writer_saw = version
        whole, tags = self._stamp
        self._stamp = Stamp(whole + is_whole, tags + 1)
        return True
