"""What the processes that use a private state have changed, counted in memory that they share.

SQLite tells a connection that another one has committed, but not what, and only if it is asked.
Where all users of a state are known, which is so for a private one, each process counts the commits
that it has begun and ended, and writes its own numbers alone. So a stamp of the state is a look at
a few numbers: no statement, and no wait for a thread that writes.
"""

from __future__ import annotations

import mmap
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from duologue.mockserver.store.stamps import Stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_NUMBER_BYTES = 8
_NUMBERS = 4  # of each worker
_NAP_S = 0.00005  # most commits take 0.02 ms


class WorkerChanges:
    """The numbers of all workers; to be made before they are forked."""

    def __init__(self, count: int) -> None:
        self._memory = mmap.mmap(-1, _NUMBERS * _NUMBER_BYTES * count)
        self._count = count

    def of(self, worker: int) -> OwnChanges:
        """Return what the worker of this number, counted from 0, tells and is told."""
        return OwnChanges(memoryview(self._memory).cast("Q"), worker, count=self._count)


class OwnChanges:
    """The changes of one worker, and those of all."""

    def __init__(self, numbers: memoryview, worker: int, *, count: int) -> None:
        # Four rows with a number of each worker: commits of more than tags that have ended, those
        # of tags alone, and the same for those that have begun.
        self._numbers = numbers
        self._count = count
        # Contexts in which the worker commits a change of tags alone, or of more; one at a time.
        self.of_tags = _Commit(numbers, count + worker, begun=3 * count + worker)
        self.of_more = _Commit(numbers, worker, begun=2 * count + worker)

    def stamp(self, *, within_s: float) -> Stamp | None:
        """Return the stamp of what is committed; None if a commit of more than tags takes longer.

        What was seen of the state before this call is in the stamp; what is seen of it afterwards
        is in this stamp or in a later one.
        """
        until = None
        while (stamp := self._stamp()) is None:
            now = time.monotonic()
            if until is None:
                until = now + within_s
            elif now > until:
                return None
            time.sleep(_NAP_S)
        return stamp

    def committing(
        self, connection: Connection, changed: int, *, tagged: int
    ) -> AbstractContextManager[object]:
        """Return a context that commits so many rows, of so many of them the tags alone."""
        del connection
        if not changed:
            return nullcontext()
        return self.of_tags if changed == tagged else self.of_more

    def replacing(self, connection: Connection) -> AbstractContextManager[object]:
        """Return a context in which a connection replaces the whole state."""
        del connection
        return self.of_more

    def _stamp(self) -> Stamp | None:
        # What begins or ends while the numbers are read shows: those of ended commits come first.
        numbers, count = self._numbers.tolist(), self._count
        whole, tags = numbers[2 * count : 3 * count], numbers[3 * count :]
        if whole != numbers[:count]:
            return None
        return Stamp(tuple(whole), tuple(tags) if tags == numbers[count : 2 * count] else None)


class _Commit:
    """A context in which a worker commits changes of one kind; one of a generator takes longer."""

    __slots__ = ("_begun", "_ended", "_numbers")

    def __init__(self, numbers: memoryview, ended: int, *, begun: int) -> None:
        self._numbers = numbers
        self._ended = ended
        self._begun = begun

    def __enter__(self) -> None:
        self._numbers[self._begun] += 1

    def __exit__(self, *_: object) -> None:
        self._numbers[self._ended] = self._numbers[self._begun]
