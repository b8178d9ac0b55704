"""The world that a state begins with and is reset to."""

from __future__ import annotations

import threading
from contextlib import closing

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from duologue.mockserver.store import bulk, schema, unread_copies, world_cache, world_times
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.world import WorldRows, load


class Baseline:
    """Sets a store to the state of one world, at the start and on request.

    On SQLite that state is saved, since it is restored in 0.2 ms; a large one is in the world
    cache. On other databases the world is loaded again, since its rows would take too much memory
    here.
    """

    def __init__(self, store: Store, world: WorldRows, *, newest_at: int | None = None) -> None:
        """Bring this world; `newest_at` moves its times, so that the last of them is that."""
        self._store = store
        self._world = world
        self._newest_at = newest_at
        self._kept: StateSnapshot | None = None
        self._lock = threading.Lock()
        self.is_found = False  # whether the state was there before this process

    def settle(self, *, is_loaded: bool = False) -> None:
        """Load the world unless the state has one; `is_loaded` means that it was just loaded."""
        with self._store.alone(), self._store.writing() as conn:
            is_empty = conn.execute(select(schema.origin.c.world)).first() is None
            if is_empty:
                self._load(conn)
            elif is_loaded:
                self._move(conn)
        self.is_found = not is_empty and not is_loaded
        if not self.is_found:
            self._kept = self._from_cache() or self._from_state()

    @property
    def name(self) -> str:
        """Return the name of the world."""
        return self._world.name

    @property
    def start(self) -> tuple[WorldRows, int | None]:
        """Return the world, and up to when its times are moved; None if they are not."""
        with self._lock:
            return self._world, self._newest_at

    def replace(self, world: WorldRows) -> None:
        """Let the next `restore` bring another world."""
        with self._lock:
            # Not closed: the change log may still begin with it.
            self._world, self._kept, self._newest_at = world, None, None

    def restore(self) -> None:
        """Restore the world."""
        with self._lock:
            self._kept = self._kept or self._from_cache() or self._made_anew()
            self.bring_into(self._store)

    def bring_into(self, store: Store) -> None:
        """Replace the state of any store with the world."""
        if self._kept is not None:
            self._kept.into(store)
            return
        with store.alone(), store.writing() as conn:
            self._load(conn, is_empty=False)

    def close(self) -> None:
        """Release the saved world."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _load(self, conn: Connection, *, is_empty: bool = True) -> None:
        with unread_copies.rebuilt(conn):
            for table in () if is_empty else schema.metadata.sorted_tables:
                conn.execute(delete(table))
            load(conn, self._world)
        if world_cache.is_large(self._world):
            bulk.note_sizes(conn)
        self._move(conn)

    def _move(self, conn: Connection) -> None:
        if self._newest_at is not None:
            world_times.move(conn, newest_at=self._newest_at)

    def _from_cache(self) -> StateSnapshot | None:
        is_moved = self._newest_at is not None
        if is_moved or not self._store.is_file or not world_cache.is_large(self._world):
            return None
        file = world_cache.find(self._world)
        return None if file is None else StateSnapshot(self._store, file)

    def _made_anew(self) -> StateSnapshot | None:
        """Return the world as a new file would have it, the numbers of its next rows included.

        Not by loading it into the state that is there: SQLite never gives an id again that a
        deleted row had, and another process may write before that state is saved.
        """
        if not self._store.is_file:
            return None
        with closing(Store("sqlite://")) as fresh:
            with fresh.writing() as conn:
                self._load(conn)
            return StateSnapshot(fresh)

    def _from_state(self) -> StateSnapshot | None:
        return StateSnapshot(self._store) if self._store.is_file else None
