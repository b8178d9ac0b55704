"""Workers: the few that use the state at a time, whichever of a server's many threads they are.

A connection, and what is cached of it, belongs to a worker. Outside of a pool each thread is a
worker of its own.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

_acting = threading.local()
_numbers = itertools.count(-1, -1)  # no thread has such a number


def number() -> int:
    """Return the number of the worker that this thread is; no other thread has it now."""
    found: int | None = getattr(_acting, "number", None)
    return threading.get_ident() if found is None else found


class WorkerPool:
    """Lets so many threads act at a time; the others wait in turn without using the interpreter.

    The worker that was free last acts next, so that few are used where few are needed: one client
    meets the same connection and the same cached answers each time.
    """

    def __init__(self, size: int) -> None:
        self._free = [next(_numbers) for _ in range(size)]
        self._waiting: deque[_Turn] = deque()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Return how many threads wait."""
        return len(self._waiting)

    def take(self, waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Wait for a free worker and let this thread be it; who came first is first.

        `waiting` is called for a context around the wait, if there is one.
        """
        with self._lock:
            if self._free:
                _acting.number = self._free.pop()
                return
            turn = _Turn()
            self._waiting.append(turn)
        with waiting():
            _acting.number = turn.wait()

    def give_back(self) -> None:
        """Let another thread be the worker that this one was."""
        number, _acting.number = _acting.number, None
        with self._lock:
            if not self._waiting:
                self._free.append(number)
                return
            turn = self._waiting.popleft()
        turn.come(number)


class _Turn:
    """The place of one thread among those that wait.

    It has a lock of its own: threads that wait for the same lock get it in no order, and one that
    comes just when it is released gets it first.
    """

    __slots__ = ("_has_come", "_number")

    def __init__(self) -> None:
        self._has_come = threading.Lock()
        self._has_come.acquire()

    def wait(self) -> int:
        """Wait for a worker and return its number."""
        self._has_come.acquire()
        return self._number

    def come(self, number: int) -> None:
        """Let the thread be the worker of this number."""
        self._number = number
        self._has_come.release()
