"""Named snapshots of the state, with the clock's state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

from duologue.mockserver.control.clock import ClockState
from duologue.mockserver.control.errors import Conflict, NoSuch
from duologue.mockserver.store.snapshot import StateSnapshot

MOST = 50  # each is a whole copy of the state


class Snapshot(NamedTuple):
    """One state, when it was saved, and the world that it began with."""

    name: str
    at: int
    world: str
    kept: StateSnapshot
    clock_state: ClockState


class Snapshots:
    """The snapshots of one mock, kept in memory."""

    def __init__(self) -> None:
        self._known: dict[str, Snapshot] = {}
        self._changing = threading.Lock()

    def __iter__(self) -> Iterator[Snapshot]:
        """Iterate over all snapshots, by name."""
        with self._changing:
            return iter(sorted(self._known.values(), key=lambda one: one.name))

    def add(self, snapshot: Snapshot) -> None:
        """Add a snapshot or replace one of the same name; raise Conflict if there are too many."""
        with self._changing:
            if len(self._known) >= MOST and snapshot.name not in self._known:
                raise Conflict(f"There are {MOST} snapshots already; delete one first.")
            self._known[snapshot.name] = snapshot

    def find(self, name: str) -> Snapshot:
        """Return a snapshot by name; raise NoSuch if there is none."""
        found = self._known.get(name)
        if found is None:
            raise NoSuch("snapshot", name, hint="GET /_mock/snapshots lists all snapshots")
        return found

    def delete(self, name: str) -> None:
        """Delete a snapshot by name; raise NoSuch if there is none."""
        with self._changing:
            self.find(name)
            del self._known[name]
