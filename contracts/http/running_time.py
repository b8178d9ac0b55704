"""Time that stands still while the system has stopped this process.

Ctrl-Z, a paused container and a virtual machine that is moved stop a process, and a target's answer
waits meanwhile. By the system's clock each answer would be late then, and the target be called
slow.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable

TICK_S = 0.2
STOPPED_AFTER_S = 2.0  # without a tick


class RunningTime:
    """A clock in seconds; what passes between two calls is left out where it is too long.

    So it has to be called every second or so.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._last = now()
        self._stopped_s = 0.0

    def __call__(self) -> float:
        """Return the time; differences are seconds in which this process ran."""
        with self._lock:
            now = self._now()
            pause_s = now - self._last
            if pause_s > STOPPED_AFTER_S:
                self._stopped_s += pause_s
            self._last = now
            return now - self._stopped_s


def running_time() -> float:
    """Return the time of this process; it begins to tick with the first call."""
    return _clock()()


@functools.cache
def _clock() -> RunningTime:
    clock = RunningTime()

    def tick() -> None:
        while True:
            clock()
            time.sleep(TICK_S)

    threading.Thread(target=tick, daemon=True, name="ticks").start()
    return clock
