"""The whole state: dump, replace, save, restore; and the change log since."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.journal.change_log import SMALL_BYTES, Base, ChangeLog
from duologue.mockserver.control.snapshots import Snapshot, Snapshots
from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.world import WorldRows


class Summary(NamedTuple):
    """What a mock holds, in numbers."""

    world: str
    users: int
    groups: int
    messages: int


class State:
    """The state of one mock, as a whole."""

    def __init__(
        self,
        store: Store,
        baseline: Baseline,
        controllable_clock: ControllableClock,
        *,
        is_kept: bool = False,
    ) -> None:
        self.is_kept = is_kept  # whether it outlives this process
        self.snapshots = Snapshots()
        self.change_log = ChangeLog(store, controllable_clock)
        self._store = store
        self._baseline = baseline
        self._clock = controllable_clock
        self._begin()

    @property
    def connection(self) -> Connection:
        """Return a connection to the state, for reading only."""
        return self._store.reading()

    @property
    def world(self) -> str:
        """Return the name of the world that the state began with."""
        return state_dump.name(self._store.reading())

    def check(self) -> None:
        """Raise StateUnavailable if the state cannot be used at the moment."""
        self._store.check()

    def revive(self) -> None:
        """Connect this thread anew if its connection to the state was ended meanwhile."""
        self._store.revive()

    def unavailable(self, error: Exception) -> StateUnavailable | None:
        """Return what is wrong with the state; None if the failure is of another kind."""
        return self._store.unavailable(error)

    def summary(self) -> Summary:
        """Return the numbers of users, groups, messages and copies."""
        conn = self._store.reading()
        return Summary(state_dump.name(conn), *state_dump.counts(conn))

    def to_document(self) -> dict[str, Any]:
        """Return the whole state as a world document."""
        from duologue.mockserver.control.world.dump import to_document  # noqa: PLC0415  rarely used

        with (
            self._store.alone(),
            self._store.frozen() as conn,
        ):  # so that nothing changes between two tables
            return to_document(state_dump.read(conn))

    def replace(self, document: dict[str, Any]) -> None:
        """Replace the state by a document; raise WrongInput without changing anything."""
        from duologue.mockserver.control.world import times  # noqa: PLC0415
        from duologue.mockserver.control.world.load import to_rows  # noqa: PLC0415

        rows = to_rows(times.resolved(document, self._clock.now()))
        with self._store.alone(), self._store.writing() as conn:
            state_dump.write(conn, rows)
            self.change_log.begin(Base(f"the world `{rows.name}`", partial(_write, rows=rows)))

    def reset(self) -> None:
        """Restore the world of the start."""
        with self._store.alone():
            self._baseline.restore()
            self.change_log.begin(self._start_base())

    def begin_with(self, world: WorldRows) -> None:
        """Replace the state by a world, and come back to that one with each reset."""
        with self._store.alone():
            self._baseline.replace(world)
            self._baseline.restore()
            self.change_log.begin(self._start_base())

    def save(self, name: str) -> None:
        """Save the state and the clock under a name; raise Conflict if there are too many."""
        with self._store.alone():
            kept, world, clock_state = StateSnapshot(self._store), self.world, self._clock.state
        self.snapshots.add(Snapshot(name, self._clock.now(), world, kept, clock_state))

    def restore(self, name: str) -> Snapshot:
        """Restore a saved state and its clock; raise NoSuch if there is none."""
        snapshot = self.snapshots.find(name)
        with self._store.alone():
            snapshot.kept.into(self._store)
            self._clock.restore(snapshot.clock_state)
            self.change_log.begin(Base(f"the snapshot `{name}`", snapshot.kept.into))
        return snapshot

    def _begin(self) -> None:
        """Begin a new change log if the state can be restored: the start world or a small state."""
        if not self._baseline.is_found:
            self.change_log.begin(self._start_base())
            return
        size = self._store.size_bytes()
        if size is not None and size <= SMALL_BYTES:
            kept = StateSnapshot(self._store)
            self.change_log.begin(Base("the state that was found at the start", kept.into))

    def _start_base(self) -> Base:
        return Base(f"the world `{self._baseline.name}`", self._baseline.bring_into)


def _write(store: Store, rows: StateDump) -> None:
    with store.alone(), store.writing() as conn:
        state_dump.write(conn, rows)
