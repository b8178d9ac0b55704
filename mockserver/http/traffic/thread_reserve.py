"""How many threads of a server take requests: few, whatever the number that wait for something.

A server that has many threads wakes another one for each request. The switches, and the threads
that ask for the interpreter lock at once, took a fifth of the CPU time of a PUT and a third of that
of a kept list; and threads get the lock in no order, so that some of 64 clients waited long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ThreadReserve:
    """Lets the threads of a server rest that are not needed to take requests.

    A free thread is one that neither waits nor rests. One that begins to wait, for instance for a
    client that sends slowly, wakes another where fewer than `least` are left free. One that has
    answered rests where more than `most` are free.
    """

    def __init__(self, *, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._free = 0
        self._resting: list[threading.Lock] = []  # the last one first: its caches are warm
        self._counting = threading.Lock()
        self._mine = threading.local()

    @property
    def resting(self) -> int:
        """Return how many threads rest."""
        return len(self._resting)

    def join(self) -> None:
        """Count this thread as a free one from now on, unless it is counted already."""
        if self._bell() is None:
            self._mine.bell = bell = threading.Lock()
            bell.acquire()
            with self._counting:
                self._free += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another thread take requests while this one waits in the block."""
        if self._bell() is None:
            yield
            return
        self._begin_to_wait()
        try:
            yield
        finally:
            with self._counting:
                self._free += 1

    def rest(self) -> None:
        """Wait until this thread is needed; return at once if it is needed now."""
        bell = self._bell()
        if bell is None:
            return
        with self._counting:
            if self._free <= self._most:
                return
            self._free -= 1
            self._resting.append(bell)
        bell.acquire()

    def _begin_to_wait(self) -> None:
        with self._counting:
            if self._free > self._least or not self._resting:
                self._free -= 1
                return
            bell = self._resting.pop()  # free in the place of this thread
        bell.release()

    def _bell(self) -> threading.Lock | None:
        """Return what wakes this thread from its rest; None if it is not counted."""
        return getattr(self._mine, "bell", None)
