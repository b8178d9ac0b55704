"""The whole state: told, replaced, kept, brought back; and the chronicle of what it came from."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from mockserver.control.chronicle import SMALL_BYTES, Base, Chronicle
from mockserver.control.clock import Dial
from mockserver.control.snapshots import Snapshot, Snapshots
from mockserver.store import everything
from mockserver.store.everything import Everything
from mockserver.store.home import Home
from mockserver.store.kept import Kept
from mockserver.store.store import Store


class Summary(NamedTuple):
    """What a mock holds."""

    world: str
    users: int
    groups: int
    messages: int


class State:
    """The state of one mock, as a whole."""

    def __init__(self, store: Store, home: Home, dial: Dial) -> None:
        self.snapshots = Snapshots()
        self.chronicle = Chronicle(store, dial)
        self._store = store
        self._home = home
        self._dial = dial
        self._begin()

    @property
    def world(self) -> str:
        """The name of the world that the state grew from."""
        return everything.name(self._store.reading())

    def summary(self) -> Summary:
        """What there is, in numbers."""
        run = self._store.reading()
        return Summary(everything.name(run), *everything.counts(run))

    def told(self) -> dict[str, Any]:
        """All of it as the world document."""
        from mockserver.control.world.told import tell  # noqa: PLC0415  few starts ask for it

        with (
            self._store.alone(),
            self._store.writing() as run,
        ):  # so that nothing changes between two tables
            return tell(everything.read(run))

    def put(self, document: dict[str, Any]) -> None:
        """Let this document be the state; raises WrongInput, and then nothing has changed."""
        from mockserver.control.world.meant import everything as meant  # noqa: PLC0415

        rows = meant(document)
        with self._store.alone(), self._store.writing() as run:
            everything.write(run, rows)
            self.chronicle.begin(Base(f"the world `{rows.name}`", partial(_write, rows=rows)))

    def reset(self) -> None:
        """Bring the world of the start back."""
        with self._store.alone():
            self._home.restore()
            self.chronicle.begin(self._home_base())

    def save(self, name: str) -> None:
        """Keep the state and the clock under a name; raises Conflict where there are too many."""
        with self._store.alone():
            kept, world, hands = Kept(self._store), self.world, self._dial.hands
        self.snapshots.add(Snapshot(name, self._dial.now(), world, kept, hands))

    def restore(self, name: str) -> Snapshot:
        """Bring a kept state and its clock back; raises NoSuch."""
        snapshot = self.snapshots.find(name)
        with self._store.alone():
            snapshot.kept.into(self._store)
            self._dial.put(snapshot.hands)
            self.chronicle.begin(Base(f"the snapshot `{name}`", snapshot.kept.into))
        return snapshot

    def _begin(self) -> None:
        """Know what the state is, if it is the start world, or small enough to be kept."""
        if not self._home.is_found:
            self.chronicle.begin(self._home_base())
            return
        size = self._store.size_bytes()
        if size is not None and size <= SMALL_BYTES:
            kept = Kept(self._store)
            self.chronicle.begin(Base("the state that was found at the start", kept.into))

    def _home_base(self) -> Base:
        return Base(f"the world `{self._home.name}`", self._home.bring_into)


def _write(store: Store, rows: Everything) -> None:
    with store.alone(), store.writing() as run:
        everything.write(run, rows)
