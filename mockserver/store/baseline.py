"""The world a state begins with and goes back to."""

from __future__ import annotations

import threading

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, schema, world_cache
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.world import WorldRows, load


class Baseline:
    """Brings a store into the state of one world, at the start and whenever asked to.

    On SQLite that state is kept, since it is brought back in 0.2 ms, and a large one is on the
    shelf; elsewhere the world is loaded anew, since keeping all its rows in this process would
    cost more than time.
    """

    def __init__(self, store: Store, world: WorldRows) -> None:
        self._store = store
        self._world = world
        self._kept: StateSnapshot | None = None
        self._lock = threading.Lock()
        self.is_found = False  # whether the state was there before this process

    def settle(self, *, is_loaded: bool = False) -> None:
        """Load the world unless the state has one; `is_loaded` tells that it was loaded already."""
        with self._store.alone(), self._store.writing() as conn:
            is_empty = conn.execute(select(schema.origin.c.world)).first() is None
            if is_empty:
                self._load(conn)
        self.is_found = not is_empty and not is_loaded
        if not self.is_found:
            self._kept = self._from_cache() or self._from_state()

    @property
    def name(self) -> str:
        """What the world is called."""
        return self._world.name

    def restore(self) -> None:
        """Bring the world back, whatever was done since."""
        with self._lock:
            self._kept = self._kept or self._from_cache()
            self.bring_into(self._store)
            self._kept = self._kept or self._from_state()

    def bring_into(self, store: Store) -> None:
        """Bring the world into any store."""
        if self._kept is not None:
            self._kept.into(store)
            return
        with store.alone(), store.writing() as conn:
            for table in schema.metadata.sorted_tables:
                conn.execute(delete(table))
            self._load(conn)

    def close(self) -> None:
        """Let go of the kept world."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _load(self, conn: Connection) -> None:
        load(conn, self._world)
        if world_cache.is_large(self._world):
            backends.note_sizes(conn)

    def _from_cache(self) -> StateSnapshot | None:
        if not self._store.is_file or not world_cache.is_large(self._world):
            return None
        file = world_cache.find(self._world)
        return None if file is None else StateSnapshot(self._store, file)

    def _from_state(self) -> StateSnapshot | None:
        return StateSnapshot(self._store) if self._store.is_file else None
