"""The world a state begins with and goes back to."""

from __future__ import annotations

import sqlite3
import threading

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from mockserver.store import schema
from mockserver.store.store import Store
from mockserver.store.world import World, load


class Home:
    """Brings a store into the state of one world, at the start and whenever asked to.

    On SQLite the world is kept as a database of its own and copied over the live one, page by page
    and within one transaction: 0.2 ms for a small world, and every open connection sees it at once.
    """

    def __init__(self, store: Store, world: World) -> None:
        self._store = store
        self._world = world
        self._kept: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def settle(self) -> None:
        """Load the world, unless the state began with one already."""
        with self._store.writing() as run:
            if run.execute(select(schema.origin.c.world)).first() is not None:
                return
            load(run, self._world)
        self._keep()

    def restore(self) -> None:
        """Bring the world back, whatever was done since."""
        with self._lock:
            if self._kept is None:
                self._reload()
            else:
                # A short nap where another thread is just writing; the default is 0.25 s.
                self._kept.backup(_raw(self._store.reading()), sleep=0.001)
                self._store.note_change()

    def close(self) -> None:
        """Let go of the kept world."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _keep(self) -> None:
        if self._store.is_file:
            # No name: SQLite keeps it in memory, spills it to a file if large, and clears it away.
            self._kept = sqlite3.connect("", check_same_thread=False)
            _raw(self._store.reading()).backup(self._kept)

    def _reload(self) -> None:
        with self._store.writing() as run:
            for table in schema.metadata.sorted_tables:
                run.execute(delete(table))
            load(run, self._world)
        self._keep()


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):  # only asked for where the state is a file
        raise TypeError(f"a connection of sqlite3 is expected, not {type(raw).__name__}")
    return raw
