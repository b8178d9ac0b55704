"""The world a state begins with and goes back to."""

from __future__ import annotations

import threading

from sqlalchemy import delete, select

from mockserver.store import schema
from mockserver.store.kept import Kept
from mockserver.store.store import Store
from mockserver.store.world import World, load


class Home:
    """Brings a store into the state of one world, at the start and whenever asked to.

    On SQLite that state is kept, since it is brought back in 0.2 ms; elsewhere the world is loaded
    anew, since keeping all its rows in this process would cost more than time.
    """

    def __init__(self, store: Store, world: World) -> None:
        self._store = store
        self._world = world
        self._kept: Kept | None = None
        self._lock = threading.Lock()
        self.is_found = False  # whether the state was there before this process

    def settle(self) -> None:
        """Load the world, unless the state began with one already."""
        with self._store.writing() as run:
            if run.execute(select(schema.origin.c.world)).first() is not None:
                self.is_found = True
                return
            load(run, self._world)
        self._keep()

    @property
    def name(self) -> str:
        """What the world is called."""
        return self._world.name

    def restore(self) -> None:
        """Bring the world back, whatever was done since."""
        with self._lock:
            if self._kept is None:
                self.bring_into(self._store)
                self._keep()
            else:
                self._kept.into(self._store)

    def bring_into(self, store: Store) -> None:
        """Bring the world into any store."""
        if self._kept is not None:
            self._kept.into(store)
            return
        with store.writing() as run:
            for table in schema.metadata.sorted_tables:
                run.execute(delete(table))
            load(run, self._world)

    def close(self) -> None:
        """Let go of the kept world."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _keep(self) -> None:
        if self._store.is_file:
            self._kept = Kept(self._store)
