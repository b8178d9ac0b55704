"""What is tried again, and how long a target may be away."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

AWAY_STATUSES = (502, 503, 504)
LONGEST_WAIT_S = 60.0
MAX_TIMEOUTS = 3
MAX_TIMEOUTS_CLEANING = 12  # removal of test data tries hardest
# POST operations that may be carried out twice without a difference (readings B14); who is a
# member already stays one.
REPEATABLE_POSTS = (
    "addMembers",
    "markUserConversationAsRead",
    "markGroupConversationAsRead",
    "markUserConversationAsDelivered",
    "markGroupConversationAsDelivered",
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long: pauses double from ``first_s`` to ``longest_s``, ``total_s`` in all.

    ``waits_s`` bounds what one call may wait for 429.
    """

    first_s: float = 0.1
    longest_s: float = 3.0
    total_s: float = 15.0
    waits_s: float = 300.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to pause before each further try."""
        spent, pause = 0.0, self.first_s
        while spent < self.total_s:
            yield pause
            spent += pause
            pause = min(2 * pause, self.longest_s)


def may_repeat(method: str, operation_id: str, *, was_sent: bool) -> bool:
    """Return whether a call without an answer may be sent again without harm.

    What names no operation ("POST /conversations") has nothing to carry out.
    """
    is_repeatable = operation_id in REPEATABLE_POSTS or " " in operation_id
    return not was_sent or method != "POST" or is_repeatable


def wait_s(headers: Mapping[str, str], *, now: datetime) -> float:
    """Return the seconds that ``Retry-After`` asks for, as seconds or as a date (RFC 9110, 10.2.3).

    At least 0.05 and at most 60; 1 where it says nothing usable.
    """
    return min(max(asked_s(headers, now=now), 0.05), LONGEST_WAIT_S)


def asked_s(headers: Mapping[str, str], *, now: datetime) -> float:
    """Return the seconds that ``Retry-After`` asks for, without bounds; 1 for nothing usable."""
    text = headers.get("retry-after", "1").strip()
    try:
        asked = float(text)
    except ValueError:
        asked = _until(text, now)
    return 1.0 if math.isnan(asked) else asked


def _until(text: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return math.nan
    return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()


class Outages:
    """When the target was away, and which operations hang."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.was_there = False  # an address that never answered is told at once
        self._since: float | None = None
        self._timeouts: dict[str, int] = {}

    def began(self, now: float) -> float:
        """Note a failure at ``now`` (seconds); return when the present outage began."""
        with self._lock:
            if self._since is None:
                self._since = now
            return self._since

    def ended(self, operation_id: str) -> None:
        """Note an answer: the target is there, and the operation does not hang."""
        with self._lock:
            self.was_there = True
            self._since = None
            self._timeouts.pop(operation_id, None)

    def timed_out(self, operation_id: str) -> None:
        """Note that an operation gave no answer within its time."""
        with self._lock:
            self._timeouts[operation_id] = self._timeouts.get(operation_id, 0) + 1

    def hangs(self, operation_id: str, *, cleaning: bool = False) -> bool:
        """Return whether an operation timed out so often that it is not asked any more."""
        most = MAX_TIMEOUTS_CLEANING if cleaning else MAX_TIMEOUTS
        return self._timeouts.get(operation_id, 0) >= most
