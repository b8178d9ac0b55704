"""Time as a check sees it: pauses, whole seconds, and how long to poll for a late write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.4


@dataclass(slots=True)
class Clock:
    """Time, passed in: ``settle_s`` limits the polling, ``lag_s`` is how late writes show."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    settle_s: float
    lag_s: float = 0.0
    _polled_s: float = 0.0

    def pause(self, seconds: float) -> None:
        """Wait that many seconds; do nothing for 0 or less."""
        if seconds > 0:
            self.sleep(seconds)

    def wait_out_lag(self) -> None:
        """Wait until what was written before must show; at once where writes show at once."""
        self.pause(1.5 * self.lag_s)

    def next_second(self) -> None:
        """Wait until the target's whole-second timestamps must differ from those before."""
        self.sleep(1.02)

    def tries(self) -> Iterator[bool]:
        """Yield once for each try, True on the last one, with growing pauses between.

        All polls of a check share ``settle_s``; each has at least four times ``lag_s``.
        """
        floor_s = min(self.settle_s, 4 * self.lag_s)
        begun_s, pause_s = self.now(), FIRST_PAUSE_S
        limit_s = max(self.settle_s - self._polled_s, floor_s)
        while self.now() - begun_s < limit_s:
            yield False
            self.sleep(pause_s)
            pause_s = min(pause_s * 1.7, LONGEST_PAUSE_S)
        self._polled_s += self.now() - begun_s
        yield True
