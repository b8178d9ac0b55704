"""Delays: how long the mock waits before it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

LONGEST_MS = 60_000


class Span(NamedTuple):
    """A delay between two bounds in milliseconds."""

    min_ms: int
    max_ms: int


class Latency:
    """The delays in force: by operation, and one for all other operations."""

    def __init__(self, sleep: Callable[[float], None] | None = None) -> None:
        self.default: Span | None = None
        self.operations: Mapping[str, Span] = {}
        self._released = threading.Event()
        # Replaced by the server, so that a waiting request keeps no other from being answered.
        self.give_way: Callable[[Callable[[float], object], float], None] = _just_wait
        self._sleep = sleep or self.wait
        self._random = Random()  # noqa: S311  a delay is no secret

    @property
    def is_on(self) -> bool:
        """Return whether any operation is delayed."""
        return self.default is not None or bool(self.operations)

    def release(self) -> None:
        """End all waits under way; later ones are as long as before."""
        released, self._released = self._released, threading.Event()
        released.set()

    def wait(self, seconds: float) -> None:
        """Wait, until `release` at the latest."""
        if seconds > 0:
            self.give_way(self._released.wait, seconds)

    def wait_in_turn(self, wait: Callable[[float], object], seconds: float) -> None:
        """Call `wait` with `seconds`, and let the server answer others meanwhile."""
        self.give_way(wait, seconds)

    def hold(self, operation_id: str | None) -> None:
        """Return once a request was held; `operation_id` is None where it is for no operation."""
        span = self.operations.get(operation_id or "", self.default)
        if span is not None:
            self._sleep(self._random.uniform(*span) / 1000)


def _just_wait(wait: Callable[[float], object], seconds: float) -> None:
    wait(seconds)
