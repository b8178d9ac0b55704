"""A saved state that can be restored any number of times."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, unread_copies
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.schema import origin
from duologue.mockserver.store.store import Store

# Of a state that is saved beside requests: with SQLite's own 2 MB its pages went through a file,
# which took twice the time.
_CACHE_KB = 20_000


class StateSnapshot:
    """One saved state.

    On SQLite it is a database of its own that is copied over the live one page by page within one
    transaction: 0.2 ms for a small world, and every open connection sees it at once. Of any other
    database the rows are kept.
    """

    def __init__(
        self, store: Store, file: Path | None = None, *, completes_later: bool = False
    ) -> None:
        """Save the state of `store`; if `file` is given, that SQLite file holds it.

        If it `completes_later`, the state is that of now, and `complete` has to be called.
        """
        self._file: sqlite3.Connection | None = None
        self._rows: StateDump | None = None
        self._source: Connection | None = None  # until the pages are copied
        self._reading = threading.Lock()  # one connection, and several stores it may go into
        with store.alone() as conn:
            if file is not None:
                self._open(f"{file.as_uri()}?mode=ro&immutable=1")
            elif not store.is_file:
                self._rows = state_dump.read(conn)
            elif completes_later and backends.file_of(store.url) is not None:
                self._begin(conn)
            else:
                # No name: SQLite keeps it in memory, spills it to a file if large, clears it away.
                _raw(conn).backup(self._open(""))

    def _open(self, name: str) -> sqlite3.Connection:
        self._file = sqlite3.connect(name, uri=bool(name), check_same_thread=False)
        weakref.finalize(self, self._file.close)
        return self._file

    def _begin(self, conn: Connection) -> None:
        self._open("").execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._source = conn
        conn.exec_driver_sql("BEGIN")
        try:
            conn.execute(select(origin.c.world)).first()  # it sees this state until it ends
        except BaseException:
            conn.exec_driver_sql("ROLLBACK")
            raise
        self._reading.acquire()

    def complete(self) -> None:
        """Copy the pages of a state that `completes_later`; call it from the same thread.

        Others may write meanwhile: for 5 MB it takes 10 ms. `into` waits for it.
        """
        if self._source is None or self._file is None:
            return
        try:
            _raw(self._source).backup(self._file)
        finally:
            self._source.exec_driver_sql("ROLLBACK")  # nothing was written
            self._source = None
            self._reading.release()

    def into(self, store: Store) -> None:
        """Replace the state of `store` with the saved one."""
        if self._rows is not None:
            with store.alone(), store.writing() as conn, unread_copies.rebuilt(conn):
                state_dump.write(conn, self._rows)
        elif self._file is not None:
            store.check_file()
            with self._reading, store.alone() as conn, store.replacing():
                # A short nap where another process is just writing; the default is 0.25 s.
                self._file.backup(_raw(conn), sleep=0.001)

    def close(self) -> None:
        """Release the saved state; without it, the garbage collector does."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):  # only asked for where the state is a file
        raise TypeError(f"a connection of sqlite3 is expected, not {type(raw).__name__}")
    return raw
