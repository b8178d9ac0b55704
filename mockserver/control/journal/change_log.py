"""The log of all changes since the state was last saved as a whole.

The journal is bounded; this log keeps as much as is needed: from its base on, every change can be
done again, in the same order, with the same result. Normal requests do no extra work for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.journal.journal import Entry
from duologue.mockserver.domain.limits import JOURNAL_BYTES
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store

CHAPTER = 1000  # changes until the state is kept anew: doing that many again takes half a second
SMALL_BYTES = 16 * 2**20  # a state up to this size is kept in some milliseconds
BEFORE = "what was done before the oldest request still known"
MOST = 10_000  # changes of a state too large to be kept anew


class Base(NamedTuple):
    """A whole state that changes were made to: its name, and how to restore it."""

    by: str
    into: Callable[[Store], None]


@dataclass(slots=True)
class _Chapter:
    """The changes since a base; readings of the clock before `began` are part of the base."""

    base: Base
    began: int
    changes: list[Entry] = field(default_factory=list)
    size_bytes: int = 0  # of the changes' bodies

    @property
    def is_full(self) -> bool:
        """Return whether the next change should begin a new chapter."""
        return len(self.changes) >= CHAPTER or self.is_too_large

    @property
    def is_too_large(self) -> bool:
        """Return whether the bodies take more memory than a log may."""
        return self.size_bytes >= JOURNAL_BYTES

    def add(self, change: Entry) -> None:
        """Add a change."""
        self.changes.append(change)
        self.size_bytes += len(change.body or b"")


class ChangeLog:
    """The last two chapters, so that one complete chapter is always available."""

    def __init__(self, store: Store, controllable_clock: ControllableClock) -> None:
        self._store = store
        self._dial = controllable_clock
        self._chapters: list[_Chapter] = []
        self._writing = threading.Lock()

    def begin(self, base: Base | None) -> None:
        """Begin anew from a base; None where nobody knows what the state is.

        To be called where no other thread writes the state.
        """
        with self._writing:
            self._chapters = [] if base is None else [_Chapter(base, self._dial.mark())]

    def note(self, entry: Entry) -> None:
        """Take in a request that may have changed the state."""
        if not entry.changes or entry.reading is None:
            return
        with self._writing:
            # One that was answered late may be of the chapter before, or of none that is left.
            for chapter in reversed(self._chapters):
                if chapter.began < entry.reading.number:
                    chapter.add(entry)
                    break
        if self._is_full:
            self._turn_the_page()

    def before(self, entry: Entry) -> tuple[Base, list[Entry]] | None:
        """Return the base before a request and all changes between; None if it is no longer kept.

        A request that has read no clock has seen no state, so any base will do for it.
        """
        with self._writing:
            number = entry.reading.number if entry.reading else self._dial.mark()
            if not self._chapters or number < self._chapters[0].began:
                return None
            base = self._chapters[0].base
            changes = [one for chapter in self._chapters for one in chapter.changes]
        earlier = [one for one in changes if one.reading and one.reading.number < number]
        return base, sorted(earlier, key=_number)

    @property
    def _is_full(self) -> bool:
        return bool(self._chapters) and self._chapters[-1].is_full

    def _turn_the_page(self) -> None:
        size = self._store.size_bytes()
        # The store first, then our own lock, as `begin` is called: else two threads wait for ever.
        with self._store.alone(), self._writing:
            if not self._is_full:
                return
            if size is not None and size <= SMALL_BYTES:
                base = Base(BEFORE, StateSnapshot(self._store).into)
                self._chapters = [self._chapters[-1], _Chapter(base, self._dial.mark())]
            elif len(self._chapters[-1].changes) >= MOST or self._chapters[-1].is_too_large:
                self._chapters = []


def _number(entry: Entry) -> int:
    return entry.reading.number if entry.reading else 0
