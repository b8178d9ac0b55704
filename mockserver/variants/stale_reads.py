"""A variant whose reads show the state of a while ago."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import cast

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnavailable, StateUnusable
from duologue.mockserver.faults.combinators import Change, wrapped
from duologue.mockserver.store.state_urls import file_url
from duologue.mockserver.store.store import Store

STEP_S = 0.1
# Further copies, so that none is overwritten while it is read: a request has two seconds.
SPARE = 20


def late(
    by_s: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Change:
    """Let writes show `by_s` seconds later, or a tenth more.

    The changed `reads_from` raises StateUnusable for a state that is not an SQLite file.
    """
    histories: weakref.WeakKeyDictionary[Store, StateHistory] = weakref.WeakKeyDictionary()
    starting = threading.Lock()

    def reads_from(_: Callable[[Store], Connection], store: Store) -> Connection:
        with starting:
            if store not in histories:
                histories[store] = StateHistory(store, by_s, now=now, sleep=sleep)
        return histories[store].reading()

    return wrapped("reads_from", reads_from)


class StateHistory:
    """Copies of a state, taken at short intervals by a thread and reused in turn."""

    def __init__(
        self,
        store: Store,
        by_s: float,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """Take the first copy and start the thread. Raise StateUnusable for no SQLite file."""
        if not store.is_file:
            raise StateUnusable(store.url, "the variant late-writes copies an SQLite file")
        self._by_s, self._now, self._sleep = by_s, now, sleep
        self._folder = tempfile.TemporaryDirectory(prefix="late-mockserver-")
        self._copies: list[tuple[float, Store]] = []  # when each was taken, newest first
        self._take(store, self._new())
        threading.Thread(target=self._run, args=(store,), daemon=True).start()

    def reading(self) -> Connection:
        """Return a connection to the newest copy that is old enough, or to the oldest."""
        then = self._now() - self._by_s
        copies = self._copies
        old = (copy for taken_at, copy in copies if taken_at <= then)
        return next(old, copies[-1][1]).reading()

    def _new(self) -> Store:
        path = Path(self._folder.name) / f"{len(self._copies)}.sqlite"
        return Store(file_url(path))

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
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)
