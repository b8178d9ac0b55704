"""The whole state: dump, replace, save, restore; and the change log since."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.journal.change_log import SMALL_BYTES, Base, ChangeLog
from duologue.mockserver.control.snapshots import Snapshot, Snapshots
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store


class Summary(NamedTuple):
    """What a mock holds, in numbers."""

    world: str
    users: int
    groups: int
    messages: int


class State:
    """The state of one mock, as a whole."""

    def __init__(
        self, store: Store, baseline: Baseline, controllable_clock: ControllableClock
    ) -> None:
        self.snapshots = Snapshots()
        self.change_log = ChangeLog(store, controllable_clock)
        self._store = store
        self._baseline = baseline
        self._dial = controllable_clock
        self._begin()

    @property
    def world(self) -> str:
        """Return the name of the world that the state began with."""
        return state_dump.name(self._store.reading())

    def summary(self) -> Summary:
        """Return the numbers of users, groups, messages and copies."""
        run = self._store.reading()
        return Summary(state_dump.name(run), *state_dump.counts(run))

    def told(self) -> dict[str, Any]:
        """Return the whole state as a world document."""
        from duologue.mockserver.control.world.dump import tell  # noqa: PLC0415  few starts ask for it

        with (
            self._store.alone(),
            self._store.writing() as conn,
        ):  # so that nothing changes between two tables
            return tell(state_dump.read(conn))

    def put(self, document: dict[str, Any]) -> None:
        """Let this document be the state; raises WrongInput, and then nothing has changed."""
        from duologue.mockserver.control.world.load import everything as meant  # noqa: PLC0415

        rows = meant(document)
        with self._store.alone(), self._store.writing() as conn:
            state_dump.write(conn, rows)
            self.change_log.begin(Base(f"the world `{rows.name}`", partial(_write, rows=rows)))

    def reset(self) -> None:
        """Bring the world of the start back."""
        with self._store.alone():
            self._baseline.restore()
            self.change_log.begin(self._home_base())

    def save(self, name: str) -> None:
        """Keep the state and the clock under a name; raises Conflict where there are too many."""
        with self._store.alone():
            kept, world, hands = StateSnapshot(self._store), self.world, self._dial.hands
        self.snapshots.add(Snapshot(name, self._dial.now(), world, kept, hands))

    def restore(self, name: str) -> Snapshot:
        """Bring a kept state and its clock back; raises NoSuch."""
        snapshot = self.snapshots.find(name)
        with self._store.alone():
            snapshot.kept.into(self._store)
            self._dial.put(snapshot.hands)
            self.change_log.begin(Base(f"the snapshot `{name}`", snapshot.kept.into))
        return snapshot

    def _begin(self) -> None:
        """Begin a new change log if the state can be restored: the start world or a small state."""
        if not self._baseline.is_found:
            self.change_log.begin(self._home_base())
            return
        size = self._store.size_bytes()
        if size is not None and size <= SMALL_BYTES:
            kept = StateSnapshot(self._store)
            self.change_log.begin(Base("the state that was found at the start", kept.into))

    def _home_base(self) -> Base:
        return Base(f"the world `{self._baseline.name}`", self._baseline.bring_into)


def _write(store: Store, rows: StateDump) -> None:
    with store.alone(), store.writing() as conn:
        state_dump.write(conn, rows)
