"""Stamps: a value that differs after each committed change of the state, and how it is counted.

For a private state, whose users all tell what they change, see `worker_changes`. For any other
file: SQLite tells a connection that another one has committed, but not what. What this process
commits is counted with its kind. The writing connection alone sees whether anybody else has
committed: another process, or a connection that restored a state.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Stamp(NamedTuple):
    """What numbers the committed changes that a process knows of.

    `whole` numbers those of anything but the tags of copies, `tags` those of tags alone; it is None
    while such a change is committed, so that nothing is known of them.
    """

    whole: object
    tags: object | None


class CommitCounts:
    """The stamp of a state, kept up to date; only one thread at a time may call a method."""

    def __init__(self) -> None:
        self._whole = self._tags = 0
        self._writer_saw: int | None = None  # the version of what others have committed

    def meet_writer(self) -> None:
        """Take anything as changed by others: the writing connection is another one now."""
        self._writer_saw = None

    def note_commit(self, changed: int, *, tagged: int) -> None:
        """Count a transaction that has changed so many rows, of so many of them the tags alone."""
        self._whole += changed != tagged
        self._tags += tagged > 0

    def note_replaced(self) -> None:
        """Count that the whole state was replaced."""
        self._whole += 1

    def stamp_for(self, reader: dict[str, Any], writer: dict[str, Any]) -> Stamp:
        """Return the stamp of what a reading connection sees.

        Note it in the reader's `info`, with what it was seen for. No thread of this process may
        write meanwhile.
        """
        # In this order: what is committed in between shows as a change of others, once more.
        (version,) = reader["driver"].execute("PRAGMA data_version").fetchone()
        (others,) = writer["driver"].execute("PRAGMA data_version").fetchone()
        if others != self._writer_saw:  # by anybody else, who tells nothing of it
            self._writer_saw = others
            self._whole += 1
            self._tags += 1
        stamp = Stamp(self._whole, self._tags)
        reader["seen"], reader["stamp"] = (version, reader["commits"]), stamp
        return stamp
