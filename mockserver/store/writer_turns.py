"""Whose turn it is to write to an SQLite file: one thread's of one process.

SQLite lets one writer in and has the others ask again and again, with naps of up to 100 ms between.
Threads of a process queue for a lock instead, and the worker processes of one mock for a
semaphore. Who is not let in by another process for ten seconds, one that was stopped for example,
is refused as SQLite does it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from duologue.mockserver.store.availability import held_by_another, is_locked

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

WITHIN_S = 10.0  # that another process may keep a writer waiting
SOON_S = 0.1  # writers wait longer for each other only if something is wrong

# Calls its first argument with the second, the seconds to wait, while others are answered.
GiveWay = Callable[[Callable[[float], object], float], None]


class ProcessTurn(Protocol):
    """What the worker processes of a mock take one after the other."""

    def take(self, within_s: float) -> bool:
        """Wait until no other process has the turn; return False if one has it for so long."""

    def give_back(self) -> None:
        """Let another process have it."""


class SharedTurn:
    """The turn of a process; to be made before the workers are forked.

    It is a semaphore, whose wait has a limit; that for a lock of a file has none. A process that is
    killed keeps it, but a mock ends with any of its workers.
    """

    def __init__(self) -> None:
        from multiprocessing import get_context  # noqa: PLC0415  for several workers only

        self._lock = get_context("fork").Lock()

    def take(self, within_s: float) -> bool:
        """Wait until no other process has the turn; return False if one has it for so long."""
        return self._lock.acquire(timeout=within_s)

    def give_back(self) -> None:
        """Let another process have it."""
        self._lock.release()


def shared_turn() -> SharedTurn | None:
    """Return the turn of the processes to be forked; None on a system that has no semaphores.

    Then they ask SQLite again and again.
    """
    try:
        return SharedTurn()
    except (ImportError, OSError):
        return None


class WriterTurn:
    """The turn of a thread: among those of its process, then of the process among the workers.

    A thread that has it may take it again. If another process keeps it from writing for `within_s`
    it raises StateUnavailable, and so do the threads that wait behind it; those call `give_way`.
    """

    def __init__(self, threads: threading.RLock, processes: ProcessTurn | None = None) -> None:
        self.within_s = WITHIN_S
        self.give_way: GiveWay = _just_wait
        self._threads = threads
        self._processes = processes
        self._depth = 0
        self._stall: _Stall | None = None  # of the thread that has the turn

    def __enter__(self) -> None:
        while not self._threads.acquire(timeout=SOON_S):
            stall = self._stall
            if stall is not None:
                self.give_way(stall.is_over.wait, self.within_s)
                stall.check()
        try:
            if self._depth == 0 and self._processes is not None:
                self._take(self._processes.take)
        except BaseException:
            self._threads.release()
            raise
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        try:
            if self._depth == 0 and self._processes is not None:
                self._processes.give_back()
        finally:
            self._threads.release()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that writes, by the thread that has the turn (see `begin_soon`)."""
        self._take(partial(_begins_within, connection))

    def _take(self, take: Callable[[float], bool]) -> None:
        """Call `take` until it returns True; raise StateUnavailable if that takes too long."""
        if take(SOON_S):
            return
        stall = self._stall = _Stall()
        try:
            stall.is_let_in = take(self.within_s)
        finally:
            self._stall = None
            stall.is_over.set()
        stall.check()


class _Stall:
    """That another process keeps one of our threads, and those behind it, from writing."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.is_let_in = False

    def check(self) -> None:
        """Raise StateUnavailable unless the thread was let in."""
        if not self.is_let_in:
            raise held_by_another()


def begin_soon(connection: Connection) -> None:
    """Let the statements of a connection wait for no other process longer than `SOON_S`."""
    connection.info["driver"].execute(f"PRAGMA busy_timeout = {int(1000 * SOON_S)}")


def _begins_within(connection: Connection, seconds: float) -> bool:
    """Begin a transaction; return False if another process holds the file for so long."""
    driver = connection.info["driver"]
    if seconds > SOON_S:
        driver.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if not is_locked(error):
            raise
        return False
    finally:
        if seconds > SOON_S:
            begin_soon(connection)
    return True


def _just_wait(wait: Callable[[float], object], seconds: float) -> None:
    wait(seconds)
