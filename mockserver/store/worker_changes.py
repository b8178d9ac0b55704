"""Which worker processes have changed more than tags.

SQLite tells a connection that another one has committed, but not what. Workers that are the only
users of a state, which they are of a private one, tell each other in memory that they share: each
counts the commits of more than tags that it has begun and ended, and writes its own numbers alone.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager

_NUMBER_BYTES = 8


class WorkerChanges:
    """The numbers of all workers; to be made before they are forked."""

    def __init__(self, count: int) -> None:
        self._memory = mmap.mmap(-1, 2 * _NUMBER_BYTES * count)

    def of(self, worker: int) -> OwnChanges:
        """Return what the worker of this number, counted from 0, tells and is told."""
        return OwnChanges(memoryview(self._memory).cast("Q"), worker)


class OwnChanges:
    """The changes of one worker, and those of the others."""

    def __init__(self, numbers: memoryview, worker: int) -> None:
        self._numbers = numbers  # begun and ended, worker by worker
        self._worker = worker

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the others that the block commits a change; not two blocks at once."""
        begun, ended = 2 * self._worker, 2 * self._worker + 1
        self._numbers[begun] += 1
        try:
            yield
        finally:
            self._numbers[ended] = self._numbers[begun]

    def of_others(self) -> tuple[int, ...] | None:
        """Return a value that differs after each change of the others; None while one is made.

        A commit that was seen before this call is in the value.
        """
        ended = self._numbers[1::2].tolist()  # first: what begins or ends in between shows
        begun = self._numbers[0::2].tolist()
        del begun[self._worker], ended[self._worker]
        return tuple(begun) if begun == ended else None
