"""Whose turn it is to write to an SQLite file: one thread's of one process.

SQLite lets one writer in and has the others ask again and again, with naps of up to 100 ms between.
Threads of a process queue for a lock instead, and the worker processes of one mock for a lock of a
file that none of them reads or writes.
"""

from __future__ import annotations

import tempfile
from functools import partial
from threading import RLock
from typing import Protocol


class ProcessTurn(Protocol):
    """What the worker processes of a mock take one after the other."""

    def take(self) -> None:
        """Wait until no other process has the turn."""

    def give_back(self) -> None:
        """Let another process have it."""


class FileTurn:
    """The turn of a process; to be made before the workers are forked.

    The system gives it back for a process that ends in any way, ``kill -9`` included. Threads of
    one process do not exclude each other here.
    """

    def __init__(self) -> None:
        import fcntl  # noqa: PLC0415  some systems have none; they cannot fork workers either

        self._file = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the process runs
        self._lock = partial(fcntl.lockf, self._file, fcntl.LOCK_EX)
        self._unlock = partial(fcntl.lockf, self._file, fcntl.LOCK_UN)

    def take(self) -> None:
        """Wait until no other process has the turn."""
        self._lock()

    def give_back(self) -> None:
        """Let another process have it."""
        self._unlock()


class WriterTurn:
    """The turn of a thread: among those of its process, then of the process among the workers.

    A thread that has it may take it again.
    """

    def __init__(self, threads: RLock, processes: ProcessTurn) -> None:
        self._threads = threads
        self._processes = processes
        self._depth = 0

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._depth == 0:
                self._processes.take()
        except BaseException:
            self._threads.release()
            raise
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        try:
            if self._depth == 0:
                self._processes.give_back()
        finally:
            self._threads.release()
