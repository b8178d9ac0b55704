"""The database of the state and its connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.store import backends, state_format, worker
from duologue.mockserver.store.availability import diagnosed, read_only, usable
from duologue.mockserver.store.schema import metadata
from duologue.mockserver.store.stamps import Changes, FileChanges, Stamp, UncountedChanges
from duologue.mockserver.store.state_file import StateFile
from duologue.mockserver.store.writer_turns import ProcessTurn, WriterTurn, begin_soon

# How long a reader waits to hear what a transaction has changed: most take 0.1 ms, and to make a
# list anew takes 0.5 ms.
WRITING_S = 0.001
# Fails if a table is missing.
_LOOK = select(*(exists().select_from(table) for table in metadata.sorted_tables))


class Store:
    """One database, with a connection for every thread.

    A connection stays with its thread: taking one from a pool for each request costs 80 us more
    than the query. Writes to an SQLite file go through one extra connection that all threads use
    in turn: after another connection has written, a connection drops its cached pages.

    What is committed survives the end of the process; the end of the machine only if it `is_kept`.
    """

    def __init__(
        self,
        url: str,
        *,
        is_kept: bool = True,
        changes: Changes | None = None,
        turn: ProcessTurn | None = None,
    ) -> None:
        """Open a state; `changes` are those of all users of a file, if all of them tell.

        Worker processes that share a file take the `turn` to write.
        """
        self.url = url
        self._is_kept = is_kept
        self.engine = backends.make_engine(url)
        self._mine: dict[int, tuple[int, Connection]] = {}  # with its age, by worker
        self._path = backends.file_of(url)
        self._file: StateFile | None = None  # once it is there
        self._writer: Connection | None = None
        # With their age, which one that SQLAlchemy has found to be lost cannot tell itself.
        self._all: list[tuple[int, Connection]] = []
        self._age = 0  # of the connections: one of an earlier age was lost
        self._lock = threading.Lock()
        # Writers to a file queue here; PostgreSQL keeps its own queues.
        self._queue = threading.RLock()
        self.file_turn = WriterTurn(self._queue, turn)
        self._turn: AbstractContextManager[Any] = self.file_turn if self.is_file else nullcontext()
        self._changes = changes or self._own_changes()
        try:
            with usable(url):
                if not self.is_file:
                    self._mine[worker.number()] = self._age, self._connected(is_first=True)
                with self.alone() as conn:
                    state_format.open_tables(url, conn)
        except BaseException:
            self.close()  # else SQLite leaves its files beside a state that is refused
            raise
        if self._path is not None:
            self._file = StateFile(self._path)

    @property
    def is_file(self) -> bool:
        """Return whether the state is an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def reading(self) -> Connection:
        """Return this thread's connection; each statement sees what is committed at its start."""
        mine, age = worker.number(), self._age
        found = self._mine.get(mine)
        if found is None or found[0] != age:  # one of an earlier age may have been closed
            try:
                found = self._mine[mine] = age, self._connected()
            except StateUnavailable as problem:
                return self._lent(problem)
        return found[1]

    def renew(self) -> None:
        """Let every thread connect again with its next statement: a connection was lost.

        A connection that another thread still uses is closed once that thread asks for the next.
        Do nothing if this thread's is of an earlier age: another thread was first, and a hundred
        threads that lose theirs at once must not take the new ones away from each other. Neither
        must one that gets none, since PostgreSQL takes no more; a file has a connection of all.
        """
        with self._lock:
            found = self._mine.get(worker.number())
            if self.is_file if found is None else found[0] == self._age:
                self._age += 1
                self._writer = None

    def revive(self) -> None:
        """Connect this thread anew if the server has ended its connection while nobody asked.

        As PostgreSQL does after its `idle_session_timeout`. What has begun is then not lost.
        """
        found = self._mine.get(worker.number())
        is_current = found is not None and found[0] == self._age
        if found is not None and is_current and not (self.is_file or backends.is_open(found[1])):
            self.renew()

    def unavailable(self, error: Exception) -> StateUnavailable | None:
        """Return what is wrong with the database, and connect again; None for other failures."""
        found = diagnosed(error)
        can_connect_again = self._path is not None or not self.is_file
        if found is not None and found.is_lost and can_connect_again:
            self.renew()
        return found

    def check(self) -> None:
        """Raise StateUnavailable if the state cannot be read or written at the moment."""
        try:
            self.check_file()
            conn = self.reading()
            conn.execute(_LOOK).first()
            if not backends.takes_changes(conn):
                raise read_only()  # noqa: TRY301  it goes the way of the database's own word
        except Exception as error:
            found = self.unavailable(error)
            if found is None:
                raise
            raise found from error

    def check_file(self) -> None:
        """Raise StateUnavailable if the file is no longer the one that was opened."""
        if self._file is not None:
            self._file.check()

    def _lent(self, problem: StateUnavailable) -> Connection:
        """Return a connection of another thread: the file is gone, and nothing is written any more.

        Raise the `problem` if there is none.
        """
        lent = next((one for age, one in self._all if age == self._age), None)
        if lent is None:
            raise problem
        return lent

    def _connected(self, *, is_first: bool = False) -> Connection:
        self.check_file()  # SQLite would create a missing file
        connection = self.engine.connect()
        if is_first:
            try:
                state_format.expect_sessions(self.url, connection)
            except BaseException:
                _close(connection)
                raise
        backends.prepare(connection, is_kept=self._is_kept)
        connection.info.update(commits=0, seen=None, tagged_rows=0)
        with self._lock:
            lost = [one for age, one in self._all if age < self._age - 1]  # no thread uses them
            self._all = [(age, one) for age, one in self._all if age >= self._age - 1]
            self._all.append((self._age, connection))
        for one in lost:
            _close(one)
        return connection

    def size_bytes(self) -> int | None:
        """Return the size of the state; None if it is not easily known."""
        return backends.size_bytes(self.reading()) if self.is_file else None

    def stamp(self) -> Stamp | None:
        """Return a value that differs after each committed change; None if there is none now."""
        return self._changes.stamp(within_s=WRITING_S)

    def _own_changes(self) -> Changes:
        """Return the count of a state whose other users tell nothing."""
        if not self.is_file:
            return UncountedChanges()
        return FileChanges(self.reading, self._for_writing, writers=self._queue)

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Let this thread's connection change the state in another way within the block."""
        with self._turn, self._changes.replacing(self.reading()):
            yield

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Yield this thread's connection outside of any transaction while no other thread writes.

        On PostgreSQL no other process writes either; on SQLite that takes a transaction.
        """
        with self._turn:
            self.revive()
            run = self.reading()  # now: a thread that has waited may be another worker
            with backends.alone(run):
                yield run

    def writing(self) -> AbstractContextManager[Connection]:
        """Return a context with a connection in one transaction: all of it is done, or nothing.

        A state that ends with this process may be written on without its name: nobody misses it.
        """
        if self._is_kept:
            self.check_file()
        return self.frozen()

    def frozen(self) -> AbstractContextManager[Connection]:
        """Return as `writing`, also if the file has lost its name: for what reads many tables."""
        return _Transaction(self)

    def _begin(self) -> tuple[Connection, int]:
        """Begin a transaction; return its connection, and how many rows that has changed so far."""
        connection = self._new_transaction()
        info = connection.info
        info["tagged_rows"] = 0
        return connection, _changed_rows(info)

    def _end(self, connection: Connection, before: int) -> None:
        """Commit a transaction and count it."""
        info = connection.info
        # SQLite counts all changed rows, those of triggers included; only the statement that
        # replaces tags tells that it does. So nothing else is taken for a change of tags.
        changed = _changed_rows(info) - before
        with self._changes.committing(connection, changed, tagged=info["tagged_rows"]):
            backends.commit(connection)

    def _new_transaction(self) -> Connection:
        """Return a connection in a new transaction; connect again if it was ended since."""
        self.revive()
        connection = self._for_writing()
        begin = self.file_turn.begin if connection is self._writer else backends.begin_writing
        begin(connection)
        return connection

    def _for_writing(self) -> Connection:
        """Return the connection for writing.

        On a file that is the shared one. It is this thread's own where several may write at once,
        and for a state in memory, which no other connection has.
        """
        if self._path is None:
            return self.reading()
        if self._writer is None:
            try:
                self._writer = self._connected()
                begin_soon(self._writer)
            except StateUnavailable as problem:
                return self._lent(problem)
        return self._writer

    def close(self) -> None:
        """Close the connections of all threads; the store cannot be used any more."""
        with self._lock:
            connections, self._all = self._all, []
        for _, connection in connections:
            _close(connection)
        self._mine = {}
        self._writer = None
        self.engine.dispose()


class _Transaction:
    """The context of one transaction of a store; one made by a generator takes 1 us more."""

    __slots__ = ("_before", "_connection", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Connection:
        self._store._turn.__enter__()
        try:
            self._connection, self._before = self._store._begin()
        except BaseException:
            self._store._turn.__exit__(None, None, None)
            raise
        return self._connection

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._store._end(self._connection, self._before)
            else:
                # A lost connection has no transaction to end; the first failure is what counts.
                with suppress(Exception):
                    backends.roll_back(self._connection)
        finally:
            self._store._turn.__exit__(None, None, None)


def _close(connection: Connection) -> None:
    """Close a connection, whose server may be gone, without a word to it."""
    with suppress(SQLAlchemyError):
        connection.invalidate()
        connection.close()


def _changed_rows(info: dict[str, Any]) -> int:
    """Return how many rows a connection has changed; 0 where nobody asks for it."""
    changed: int = getattr(info["driver"], "total_changes", 0)
    return changed
