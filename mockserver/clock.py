"""The time in UNIX seconds, from a function that is passed in."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]


def wall_clock() -> int:
    """Return the time of this machine in whole seconds."""
    return int(time.time())


def read(clock: Clock) -> int:
    """Return what the clock shows."""
    return clock()
