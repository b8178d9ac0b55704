"""The database of the state and its connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store import backends
from duologue.mockserver.store.schema import metadata


class Store:
    """One database, with a connection for every thread.

    A connection stays with its thread: taking one from a pool for each request costs 80 us more
    than the query. Writes to an SQLite file go through one extra connection that all threads use
    in turn: after another connection has written, a connection drops its cached pages.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = backends.make_engine(url)
        self._mine = threading.local()
        self._file = backends.file_of(url)
        self._writer: Connection | None = None
        self._all: list[Connection] = []
        self._lock = threading.Lock()
        # SQLite lets one writer in and has the others poll, with naps of up to 100 ms; threads of
        # one process queue here instead. PostgreSQL keeps its own queues.
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if self.is_file else nullcontext()
        )
        try:
            with self.alone() as conn:
                backends.create_tables(self.engine, metadata, conn)
        except SQLAlchemyError as error:
            raise StateUnusable(url, str(error.__cause__ or error)) from error

    @property
    def is_file(self) -> bool:
        """Return whether the state is an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def reading(self) -> Connection:
        """Return this thread's connection; each statement sees what is committed at its start."""
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._connected()
        return connection

    def _connected(self) -> Connection:
        connection = self.engine.connect()
        backends.prepare(connection)
        connection.info["driver"] = connection.connection.driver_connection
        connection.info["commits"] = 0
        with self._lock:
            self._all.append(connection)
        return connection

    def size_bytes(self) -> int | None:
        """Return the size of the state; None if it is not easily known."""
        if not self.is_file:
            return None
        run = self.reading()
        pages, size = (
            run.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "page_size")
        )
        return int(pages) * int(size)

    def stamp(self) -> object:
        """Return a value that changes with every committed change; None if there is none.

        SQLite reports commits of other connections; those of this one are counted.
        """
        if not self.is_file:
            return None
        info = self.reading().info
        (version,) = info["driver"].execute("PRAGMA data_version").fetchone()
        return version, info["commits"]

    def note_change(self) -> None:
        """Change the stamp: this thread's connection has changed the state in another way."""
        self.reading().info["commits"] += 1

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Yield this thread's connection outside of any transaction while no other thread writes.

        On PostgreSQL no other process writes either; on SQLite that takes a transaction.
        """
        run = self.reading()
        with self._turn, backends.alone(run):
            yield run

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection within one transaction: everything in it is done, or nothing."""
        with self._turn:
            connection = self._for_writing()
            backends.begin_writing(connection)
            try:
                yield connection
            except BaseException:
                connection.info["driver"].execute("ROLLBACK")
                raise
            connection.info["driver"].execute("COMMIT")
            connection.info["commits"] += 1

    def _for_writing(self) -> Connection:
        """Return the connection for writing.

        On a file that is the shared one. It is this thread's own where several may write at once,
        and for a state in memory, which no other connection has.
        """
        if self._file is None:
            return self.reading()
        if self._writer is None:
            self._writer = self._connected()
        return self._writer

    def close(self) -> None:
        """Close the connections of all threads; the store cannot be used any more."""
        with self._lock:
            connections, self._all = self._all, []
        for connection in connections:
            connection.close()
        self._mine = threading.local()
        self._writer = None
        self.engine.dispose()
