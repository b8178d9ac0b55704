"""How many threads of a server take requests: few, whatever the number that wait for something.

A server with many threads wakes another one for each request. To switch between threads, each of
which asks for the interpreter lock, takes a fifth of the CPU time of a PUT and a quarter of that of
a list that is kept; and threads get the lock in no order, so that some of 64 clients wait long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ThreadReserve:
    """Lets a server's threads rest, beyond those that are needed to take requests.

    A thread that begins to wait for something, such as a client that sends slowly, calls another
    one from its rest where fewer than `least` would be left. After an answer a thread rests where
    more than `most` are left.
    """

    def __init__(self, *, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._free = 0  # threads that neither wait nor rest
        self._resting: list[threading.Lock] = []
        self._lock = threading.Lock()
        self._known = threading.local()

    def join(self) -> None:
        """Count this thread as one that takes requests, from now on."""
        if not hasattr(self._known, "bell"):
            self._known.bell = threading.Lock()
            self._known.bell.acquire()
            with self._lock:
                self._free += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let others take requests in the place of this thread during the block."""
        if not hasattr(self._known, "bell"):
            yield
            return
        self._leave()
        try:
            yield
        finally:
            with self._lock:
                self._free += 1

    def _leave(self) -> None:
        with self._lock:
            self._free -= 1
            if self._free >= self._least or not self._resting:
                return
            self._free += 1
            bell = self._resting.pop()
        bell.release()

    def rest(self) -> None:
        """Wait until this thread is needed, unless it is needed now."""
        bell = getattr(self._known, "bell", None)
        if bell is None:
            return
        with self._lock:
            if self._free <= self._most:
                return
            self._free -= 1
            self._resting.append(bell)
        bell.acquire()
