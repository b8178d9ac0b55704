"""How many requests a target gets: at once, and in a time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SUCCESSES_TO_RISE = 50
RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*/\s*(s|m|h)\s*$")
SECONDS = {"s": 1, "m": 60, "h": 3600}


def requests_per_s(text: str) -> float:
    """Return the rate that a text such as ``300/m`` names; raise ValueError for another form."""
    match = RATE.match(text)
    if match is None or float(match[1]) == 0:
        raise ValueError(f"{text!r} is no rate: write it like 300/m, 5/s or 1000/h")
    return float(match[1]) / SECONDS[match[2]]


class ConcurrencyLimit:
    """At most so many requests at once: fewer after refusals, more again after successes."""

    def __init__(self, highest: int) -> None:
        self.highest = highest
        self.lowest_reached = highest
        self._limit = highest
        self._in_use = 0
        self._successes = 0
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a place, and keep it for the length of the block."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_use < self._limit)
            self._in_use += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_use -= 1
                self._changed.notify()

    def succeeded(self) -> None:
        """Note an answer; after fifty in a row one more request may be under way."""
        with self._changed:
            self._successes += 1
            if self._successes >= SUCCESSES_TO_RISE and self._limit < self.highest:
                self._limit += 1
                self._successes = 0
                self._changed.notify()

    def refused(self) -> None:
        """Note a connection that was refused or dropped: from now on one request fewer."""
        with self._changed:
            self._successes = 0
            self._limit = max(1, min(self._limit, self._in_use) - 1)
            self.lowest_reached = min(self.lowest_reached, self._limit)

    def bound(self, highest: int) -> None:
        """Let never more than ``highest`` requests (1 or more) be under way from now on."""
        with self._changed:
            self.highest = self.lowest_reached = highest
            self._limit = min(self._limit, highest)

    def lower_to(self, limit: int) -> None:
        """Let at most ``limit`` requests (1 or more) be under way from now on."""
        with self._changed:
            self._successes = 0
            self._limit = max(1, min(self._limit, limit))


class Pacer:
    """Spaces requests evenly: ``per_s`` of them in a second, None for no bound."""

    def __init__(self, per_s: float | None, *, now: Callable[[], float]) -> None:
        self._interval_s = 1 / per_s if per_s else 0.0
        self._now = now
        self._next = 0.0
        self._lock = threading.Lock()

    def duration_s(self, requests: int) -> float:
        """Return the seconds that so many requests take at least; 0 without a rate."""
        return requests * self._interval_s

    def reserve_s(self) -> float:
        """Take the next place for a request; return the seconds until it may go out."""
        if not self._interval_s:
            return 0.0
        with self._lock:
            now = self._now()
            mine = max(self._next, now)
            self._next = mine + self._interval_s
        return mine - now
