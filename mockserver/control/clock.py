"""The mock's clock, which can be frozen, set and advanced."""

from __future__ import annotations

import itertools
import threading
from typing import Literal, NamedTuple

from duologue.mockserver.clock import Clock

LATEST = 253_402_300_799  # the end of the year 9999, as far as most date libraries go

Mode = Literal["running", "frozen"]


class ClockState(NamedTuple):
    """State of the clock: frozen at a time, or an offset in seconds from the followed clock."""

    frozen_at: int | None = None
    ahead_s: int = 0


class ClockReading(NamedTuple):
    """One look at the clock. Of two looks within transactions, the later has the higher number."""

    number: int
    now: int


class _Mine(threading.local):
    first: ClockReading | None = None


class ControllableClock:
    """A clock that follows another one until it is frozen or set.

    Calling it returns the time and numbers the reading. A use case reads the clock once, within its
    transaction, so the numbers give the order in which requests changed the state.
    """

    def __init__(self, follows: Clock) -> None:
        self._follows = follows
        self._hands = ClockState()
        self._numbers = itertools.count(1)
        self._mine = _Mine()
        self._runtime = threading.Lock()

    def __call__(self) -> int:
        """Return the time in whole UNIX seconds, and number the reading."""
        now = self.now()
        if self._mine.first is None:
            self._mine.first = ClockReading(next(self._numbers), now)
        return now

    def now(self) -> int:
        """Return the time in whole UNIX seconds, without numbering the reading."""
        frozen_at, ahead_s = self._hands
        return self._follows() + ahead_s if frozen_at is None else frozen_at

    @property
    def mode(self) -> Mode:
        """Return whether the clock is running or frozen."""
        return "running" if self._hands.frozen_at is None else "frozen"

    @property
    def hands(self) -> ClockState:
        """Return the clock's state, to restore it later with `put`."""
        return self._hands

    # Whoever sets the clock.

    def freeze(self, now: int | None = None) -> None:
        """Stop, at this time or at the present one."""
        with self._runtime:
            self._hands = ClockState(frozen_at=self.now() if now is None else now)

    def run(self, now: int | None = None) -> None:
        """Run on, from `now` (UNIX seconds) or from the present time."""
        with self._runtime:
            self._hands = ClockState(ahead_s=(self.now() if now is None else now) - self._follows())

    def set(self, now: int) -> None:
        """Show this time; a frozen clock stays frozen."""
        (self.run if self.mode == "running" else self.freeze)(now)

    def advance(self, seconds: int) -> None:
        """Move on by so much; a frozen clock stays frozen."""
        with self._runtime:
            frozen_at, ahead_s = self._hands
            self._hands = (
                ClockState(ahead_s=ahead_s + seconds)
                if frozen_at is None
                else ClockState(frozen_at=frozen_at + seconds)
            )

    def put(self, hands: ClockState = ClockState()) -> None:  # noqa: B008  a tuple, which nobody changes
        """Restore a state; by default that of the start."""
        with self._runtime:
            self._hands = hands

    # Whoever wants to know when a request was acted upon.

    def begin(self) -> None:
        """Forget this thread's readings: a request begins."""
        self._mine.first = None

    @property
    def first(self) -> ClockReading | None:
        """Return this thread's first reading since `begin`."""
        return self._mine.first

    def mark(self) -> int:
        """Return a number between those of the readings before and after it."""
        return next(self._numbers)
