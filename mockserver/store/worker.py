"""Workers: the few that use the state at a time, whichever of a server's many threads they are.

A connection, and what is cached of it, belongs to a worker. Outside of a pool each thread is a
worker of its own.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque

# Of what acts for longer the others do not wait for the end. Most requests take less than 1 ms.
PATIENCE_S = 0.01
_acting = threading.local()
_numbers = itertools.count(-1, -1)  # no thread has such a number


def number() -> int:
    """Return the number of the worker that this thread is; no other thread has it now."""
    found: int | None = getattr(_acting, "number", None)
    return threading.get_ident() if found is None else found


class WorkerPool:
    """Lets few threads act at once; the others wait without using the interpreter.

    Threads that act at once hand the interpreter to each other at every statement of the database,
    with cold caches. So `at_once` of them act, without those that took longer than `PATIENCE_S`,
    and never more than `size`. The worker that was free last acts next, so that few are used where
    few are needed: one client meets the same connection and the same cached answers each time.
    """

    def __init__(self, size: int, *, at_once: int = 1) -> None:
        self._at_once = at_once
        self._free = [next(_numbers) for _ in range(size)]
        self._acting: dict[int, float] = {}  # since when, by worker
        self._line: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for a free worker and let this thread be it."""
        with self._lock:
            if not self._line and self._may_act():
                _acting.number = self._begin()
                return
            place = _Waiting()
            self._line.append(place)
            patience_s = PATIENCE_S * len(self._line)
        while not place.called.acquire(timeout=patience_s):
            with self._lock:
                self._call_next()
        _acting.number = place.number

    def give_back(self) -> None:
        """Let another thread be the worker that this one was."""
        number, _acting.number = _acting.number, None
        with self._lock:
            del self._acting[number]
            self._free.append(number)
            self._call_next()

    def _call_next(self) -> None:
        """Let the first in the line act if one more may."""
        if self._line and self._may_act():
            place = self._line.popleft()
            place.number = self._begin()
            place.called.release()

    def _may_act(self) -> bool:
        if not self._acting:
            return True
        slow = time.monotonic() - PATIENCE_S
        quick = sum(since > slow for since in self._acting.values())
        return bool(self._free) and quick < self._at_once

    def _begin(self) -> int:
        number = self._free.pop()
        self._acting[number] = time.monotonic()
        return number


class _Waiting:
    """The place of a waiting thread in the line."""

    __slots__ = ("called", "number")

    def __init__(self) -> None:
        self.called = threading.Lock()
        self.called.acquire()
        self.number: int | None = None
