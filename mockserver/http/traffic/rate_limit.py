"""The rate limit: counted for the headers, enforced on request."""

from __future__ import annotations

import threading
from typing import NamedTuple

from duologue.mockserver.clock import Clock
from duologue.mockserver.domain.errors import TooManyRequests
from duologue.mockserver.domain.limits import RATE_PER_MINUTE

MINUTE_S = 60


class RateLimitStatus(NamedTuple):
    """What is left after a request, and the refusal if there is one."""

    limit: int
    remaining: int
    refusal: TooManyRequests | None = None


class RateLimit:
    """A number of requests in a number of seconds, counted from the first request of each window.

    Requests beyond it are refused only if it is enforced (T11).
    """

    def __init__(
        self,
        clock: Clock,
        *,
        limit: int = RATE_PER_MINUTE,
        per_s: int = MINUTE_S,
        is_enforced: bool = False,
    ) -> None:
        self.limit = limit
        self.per_s = per_s
        self.is_enforced = is_enforced
        self._clock = clock
        self._began = 0
        self._used = 0
        self._counting = threading.Lock()

    def take(self) -> RateLimitStatus:
        """Count a request and return what is left."""
        now = self._clock()
        with self._counting:
            # A clock that was set back begins a stretch of its own.
            if not self._began <= now < self._began + self.per_s:
                self._began, self._used = now, 0
            self._used += 1
            left, end = self.limit - self._used, self._began + self.per_s
        if left >= 0 or not self.is_enforced:
            return RateLimitStatus(self.limit, max(0, left))
        return RateLimitStatus(self.limit, 0, TooManyRequests(end - now, end))

    def look(self) -> RateLimitStatus:
        """Return what is left without counting."""
        now = self._clock()
        is_under_way = self._began <= now < self._began + self.per_s
        return RateLimitStatus(self.limit, max(0, self.limit - self._used * is_under_way))
