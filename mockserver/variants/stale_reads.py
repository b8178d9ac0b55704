"""A variant whose reads show the state of a while ago."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.faults.combinators import Change, wrapped
from duologue.mockserver.store.store import Store

STEP_S = 0.04
SPARE = 12  # further copies, so that no copy is overwritten while it is read


def late(
    by_s: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Change:
    """Let writes show `by_s` seconds later, or a few hundredths more."""
    return wrapped("reads_from", StateHistory(by_s, now=now, sleep=sleep).reads_from)


class StateHistory:
    """Copies of a state, taken at short intervals by a thread and reused in turn."""

    def __init__(
        self, by_s: float, *, now: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._by_s, self._now, self._sleep = by_s, now, sleep
        self._starting = threading.Lock()
        self._folder: Any = None
        self._copies: list[tuple[float, Store]] = []  # when each was taken, newest first

    def reads_from(self, _: Callable[[Store], Connection], store: Store) -> Connection:
        """Return a connection to the newest copy that is old enough, or to the oldest."""
        with self._starting:
            if self._folder is None:
                self._start(store)
        then = self._now() - self._by_s
        copies = self._copies
        old = (copy for taken_at, copy in copies if taken_at <= then)
        return next(old, copies[-1][1]).reading()

    def _start(self, store: Store) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="late-mockserver-")
        self._take(store, self._new())
        threading.Thread(target=self._run, args=(store,), daemon=True).start()

    def _new(self) -> Store:
        path = Path(self._folder.name) / f"{len(self._copies)}.sqlite"
        return Store(f"sqlite:///{path}")

    def _run(self, store: Store) -> None:
        most = int(self._by_s / STEP_S) + SPARE
        while True:
            self._sleep(STEP_S)
            full = len(self._copies) >= most
            try:
                self._take(store, self._copies[-1][1] if full else self._new())
            except (SQLAlchemyError, sqlite3.Error, StateUnavailable):
                return  # the mock was closed

    def _take(self, store: Store, copy: Store) -> None:
        now = self._now()
        _raw(store.reading()).backup(_raw(copy.reading()), sleep=0.001)
        rest = [each for each in self._copies if each[1] is not copy]
        self._copies = [(now, copy), *rest]


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("late-writes needs a state in a SQLite file")
    return raw
