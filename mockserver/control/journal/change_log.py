"""The log of all changes since the state was last saved as a whole.

The journal is bounded; this log keeps as much as is needed: from its base on, every change can be
done again, in the same order, with the same result. Normal requests do no extra work for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.domain.limits import JOURNAL_BYTES
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store

SEGMENT = 1000  # changes until the state is saved again; replaying that many takes half a second
SEGMENT_BYTES = 2 * 2**20  # so many changes for each so many bytes: to save 5 MB takes 8 ms
SMALL_BYTES = 16 * 2**20  # a state up to this size is saved in a few milliseconds
BEFORE = "a change before the oldest request still known"
MOST = 10_000  # changes of a state too large to be saved again
_log = logging.getLogger(__name__)


class Base(NamedTuple):
    """A whole state that changes were made to: its name, and how to restore it."""

    by: str
    into: Callable[[Store], None]


@dataclass(slots=True)
class _Segment:
    """The changes since a base; readings of the clock before `began` are part of the base."""

    base: Base
    began: int
    times: int = 1  # of how many `SEGMENT` changes it may have
    changes: list[JournalEntry] = field(default_factory=list)
    size_bytes: int = 0  # of the changes' bodies

    @property
    def is_full(self) -> bool:
        """Return whether the next change should begin a new segment."""
        return len(self.changes) >= min(SEGMENT * self.times, MOST) or self.is_too_large

    @property
    def is_too_large(self) -> bool:
        """Return whether the bodies take more memory than a log may."""
        return self.size_bytes >= JOURNAL_BYTES

    def add(self, change: JournalEntry) -> None:
        """Add a change."""
        self.changes.append(change)
        self.size_bytes += len(change.body or b"")


class ChangeLog:
    """The last two segments, so that one complete segment is always available."""

    def __init__(self, store: Store, controllable_clock: ControllableClock) -> None:
        self._store = store
        self._clock = controllable_clock
        self._segments: list[_Segment] = []
        self._writing = threading.Lock()

    def begin(self, base: Base | None) -> None:
        """Begin a new log from a base; None if the state cannot be restored.

        Call it only while no other thread writes the state.
        """
        with self._writing:
            self._segments = [] if base is None else [self._segment(base)]

    def _segment(self, base: Base) -> _Segment:
        times = max(1, (self._store.size_bytes() or 0) // SEGMENT_BYTES)
        return _Segment(base, self._clock.mark(), times)

    def add(self, entry: JournalEntry) -> None:
        """Add a request that may have changed the state."""
        if not entry.changes or entry.reading is None:
            return
        with self._writing:
            # A request answered late may belong to the previous segment, or to none that is kept.
            for segment in reversed(self._segments):
                if segment.began < entry.reading.number:
                    segment.add(entry)
                    break
        if self._is_full:
            try:
                self._rotate()
            except Exception as error:  # the change is done, and so it is answered
                with self._writing:
                    self._segments = []  # what was not saved is no base
                _log.warning("earlier requests cannot be explained, no base was saved: %s", error)

    def before(self, entry: JournalEntry) -> tuple[Base, list[JournalEntry]] | None:
        """Return the base before a request and all changes between; None if it is no longer kept.

        A request that has read no clock has seen no state, so any base will do for it.
        """
        with self._writing:
            number = entry.reading.number if entry.reading else self._clock.mark()
            if not self._segments or number < self._segments[0].began:
                return None
            base = self._segments[0].base
            changes = [one for segment in self._segments for one in segment.changes]
        earlier = [one for one in changes if one.reading and one.reading.number < number]
        return base, sorted(earlier, key=_number)

    @property
    def _is_full(self) -> bool:
        return bool(self._segments) and self._segments[-1].is_full

    def _rotate(self) -> None:
        """Begin a new segment; requests that write do not wait until its base is saved."""
        size = self._store.size_bytes()
        if size is None or size > SMALL_BYTES:
            self._go_on_or_end()
            return
        # Lock the store first, as callers of `begin` do; another order could deadlock.
        with self._store.alone(), self._writing:
            if not self._is_full:
                return
            saved = StateSnapshot(self._store, completes_later=True)
            base = Base(BEFORE, saved.into)
            self._segments = [self._segments[-1], self._segment(base)]
        saved.complete()

    def _go_on_or_end(self) -> None:
        """Let the last segment have more changes if its state cannot be saved; else end the log.

        Take no lock of the store: on PostgreSQL that would keep out all others who write.
        """
        with self._writing:
            if not self._is_full:
                return
            last = self._segments[-1]
            if last.is_too_large or len(last.changes) >= MOST:
                self._segments = []
            else:
                last.times = MOST  # more than enough: `is_full` ends it at so many changes


def _number(entry: JournalEntry) -> int:
    return entry.reading.number if entry.reading else 0
