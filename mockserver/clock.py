"""What time it is: UNIX seconds, from a callable that is handed around."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]


def wall_clock() -> int:
    """The time of the machine, in whole seconds."""
    return int(time.time())


def read(clock: Clock) -> int:
    """What the clock shows."""
    return clock()
