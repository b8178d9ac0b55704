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

from duologue.mockserver.faults.combinators import Change, wrapped
from duologue.mockserver.store.store import Store

STEP_S = 0.04
SPARE = 12  # pictures beyond those that reach back far enough: nobody reads one that is redrawn


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
        self._pictures: list[tuple[float, Store]] = []  # when each was taken, newest first

    def reads_from(self, _: Callable[[Store], Connection], store: Store) -> Connection:
        """Return a connection to the newest copy that is old enough, or to the oldest."""
        with self._starting:
            if self._folder is None:
                self._start(store)
        then = self._now() - self._by_s
        pictures = self._pictures
        old = (picture for taken_at, picture in pictures if taken_at <= then)
        return next(old, pictures[-1][1]).reading()

    def _start(self, store: Store) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="late-mockserver-")
        self._take(store, self._new())
        threading.Thread(target=self._go_on, args=(store,), daemon=True).start()

    def _new(self) -> Store:
        path = Path(self._folder.name) / f"{len(self._pictures)}.sqlite"
        return Store(f"sqlite:///{path}")

    def _go_on(self, store: Store) -> None:
        most = int(self._by_s / STEP_S) + SPARE
        while True:
            self._sleep(STEP_S)
            full = len(self._pictures) >= most
            try:
                self._take(store, self._pictures[-1][1] if full else self._new())
            except (SQLAlchemyError, sqlite3.Error):
                return  # the mock has ended

    def _take(self, store: Store, picture: Store) -> None:
        now = self._now()
        _raw(store.reading()).backup(_raw(picture.reading()), sleep=0.001)
        rest = [each for each in self._pictures if each[1] is not picture]
        self._pictures = [(now, picture), *rest]


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("only a state in a file can be read as it was")
    return raw
