"""The log of events: what has changed, numbered, for streams to send and to replay.

A change costs one tuple here; its JSON is made when a stream sends it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from duologue.mockserver.control.events.changes import StateChange, of_entry
from duologue.mockserver.control.journal.journal import JournalEntry

KEPT = 1000
_SMALL_BYTES = 1024


class Event(NamedTuple):
    """One numbered event; `made` returns its change, `entry` is the request that caused it."""

    number: int
    made: Callable[[], StateChange]
    entry: JournalEntry | None = None


class EventLog:
    """The last events, oldest first, and the streams that wait for the next."""

    def __init__(self, name: str, *, kept: int = KEPT) -> None:
        self.name = name  # of this log: an id of another log names no event here
        self.is_closed = False
        self.requests = 0  # how often the journal has changed, while somebody asked to know
        self._events: deque[Event] = deque(maxlen=kept)
        self._number = 0
        self._changed = threading.Condition()

    # Adding.

    def add(self, kind: str, at: int, **fields: Any) -> None:
        """Add an event that no request of the API has caused."""
        self._append(lambda: StateChange(kind, {"at": at, **fields}))

    def add_entry(self, entry: JournalEntry) -> None:
        """Add the event of a request that has changed the state."""
        if entry.writes:
            kept = _without_large_body(entry)
            self._append(partial(of_entry, kept), kept)

    def note_request(self, _: JournalEntry | None = None) -> None:
        """Let the streams that want to know learn that the journal has a new entry."""
        with self._changed:
            self.requests += 1
            self._changed.notify_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody read until the block ends: what is added in it comes all at once."""
        with self._changed:
            yield

    def _append(self, made: Callable[[], StateChange], entry: JournalEntry | None = None) -> None:
        with self._changed:
            self._number += 1
            self._events.append(Event(self._number, made, entry))
            self._changed.notify_all()

    # Reading.

    @property
    def number(self) -> int:
        """Return the number of the last event."""
        return self._number

    def id_of(self, number: int) -> str:
        """Return the id of an event, as a client gives it back in Last-Event-ID."""
        return f"{self.name}-{number}"

    def place_of(self, event_id: str) -> int | None:
        """Return the number of the event with this id; None if later events may be lost."""
        name, _, digits = event_id.rpartition("-")
        if name != self.name or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            return None
        number = int(digits)
        with self._changed:
            oldest = self._events[0].number if self._events else self._number + 1
            return number if oldest - 1 <= number <= self._number else None

    def after(self, number: int) -> Iterator[Event]:
        """Yield the events after the one with this number, oldest first."""
        with self._changed:
            events = list(self._events)
        return (event for event in events if event.number > number)

    def wait(
        self,
        number: int,
        requests: int | None,
        timeout_s: float,
        *,
        until: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Wait for an event after `number`, or for more than these requests; False if none came.

        `until` is asked again with each change and each call of `wake`.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: (
                    self.is_closed
                    or self._number > number
                    or (requests is not None and self.requests > requests)
                    or until()
                ),
                timeout_s,
            )

    def wake(self) -> None:
        """Let those that wait look at their condition again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End all streams."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()


def _without_large_body(entry: JournalEntry) -> JournalEntry:
    """Return the entry without a body that is worth dropping: the answer tells what was changed."""
    is_small = type(entry.held_body) is bytes and len(entry.held_body) < _SMALL_BYTES
    return entry if is_small else entry._replace(held_body=b"")
