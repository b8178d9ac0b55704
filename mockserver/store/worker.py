"""Workers: the few that use the state at a time, whichever of a server's many threads they are.

A connection, and what is cached of it, belongs to a worker. Outside of a pool each thread is a
worker of its own.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue

_acting = threading.local()


def number() -> int:
    """Return the number of the worker that this thread is; no other thread has it now."""
    found: int | None = getattr(_acting, "number", None)
    return threading.get_ident() if found is None else found


class WorkerPool:
    """Lets so many threads act at a time; the others wait without using the interpreter."""

    def __init__(self, size: int) -> None:
        self._free: SimpleQueue[int] = SimpleQueue()
        for each in range(size):
            self._free.put(-1 - each)  # no thread has such a number

    def take(self) -> None:
        """Wait for a free worker and let this thread be it."""
        _acting.number = self._free.get()

    def give_back(self) -> None:
        """Let another thread be the worker that this one was."""
        number, _acting.number = _acting.number, None
        self._free.put(number)
