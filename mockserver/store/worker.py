"""Workers: the few that use the state at a time, whichever of a server's many threads they are.

A connection, and what is cached of it, belongs to a worker. Outside of a pool each thread is a
worker of its own.
"""

from __future__ import annotations

import itertools
import threading
from queue import SimpleQueue

_acting = threading.local()
_numbers = itertools.count(-1, -1)  # no thread has such a number


def number() -> int:
    """Return the number of the worker that this thread is; no other thread has it now."""
    found: int | None = getattr(_acting, "number", None)
    return threading.get_ident() if found is None else found


class WorkerPool:
    """Lets so many threads act at a time; the others wait without using the interpreter.

    The worker that was free last acts next, so that few are used where few are needed: one client
    meets the same connection and the same cached answers each time.
    """

    def __init__(self, size: int) -> None:
        self._free = [next(_numbers) for _ in range(size)]
        self._waiting = 0
        self._handed: SimpleQueue[int] = SimpleQueue()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for a free worker and let this thread be it."""
        with self._lock:
            found = self._free.pop() if self._free else None
            self._waiting += found is None
        _acting.number = self._handed.get() if found is None else found

    def give_back(self) -> None:
        """Let another thread be the worker that this one was."""
        number, _acting.number = _acting.number, None
        with self._lock:
            is_wanted = self._waiting > 0
            self._waiting -= is_wanted
            if not is_wanted:
                self._free.append(number)
        if is_wanted:
            self._handed.put(number)
