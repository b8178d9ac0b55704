"""The mock's clock, which can be frozen, set and advanced."""

from __future__ import annotations

import itertools
import threading
from typing import Literal, NamedTuple

from duologue.mockserver.clock import Clock

Mode = Literal["running", "frozen"]


class ClockState(NamedTuple):
    """State of the clock: frozen at a time, or an offset in seconds from the followed clock."""

    frozen_at: int | None = None
    ahead_s: int = 0


class ClockReading(NamedTuple):
    """One look at the clock. Of two looks within transactions, the later has the higher number."""

    number: int
    now: int


class _ThreadState(threading.local):
    first: ClockReading | None = None


class ControllableClock:
    """A clock that follows another one until it is frozen or set.

    Calling it returns the time and numbers the reading. A use case reads the clock once, within its
    transaction, so the numbers give the order in which requests changed the state.
    """

    def __init__(self, follows: Clock) -> None:
        self._follows = follows
        self._state = ClockState()
        self._numbers = itertools.count(1)
        self._thread = _ThreadState()
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """Return the time in whole UNIX seconds, and number the reading."""
        now = self.now()
        if self._thread.first is None:
            self._thread.first = ClockReading(next(self._numbers), now)
        return now

    def now(self) -> int:
        """Return the time in whole UNIX seconds, without numbering the reading."""
        frozen_at, ahead_s = self._state
        return self._follows() + ahead_s if frozen_at is None else frozen_at

    @property
    def mode(self) -> Mode:
        """Return whether the clock is running or frozen."""
        return "running" if self._state.frozen_at is None else "frozen"

    @property
    def state(self) -> ClockState:
        """Return the clock's state, to restore it later with `restore`."""
        return self._state

    # Setting the clock.

    def freeze(self, now: int | None = None) -> None:
        """Freeze the clock at `now` (UNIX seconds) or at the present time."""
        with self._lock:
            self._state = ClockState(frozen_at=self.now() if now is None else now)

    def run(self, now: int | None = None) -> None:
        """Run the clock from `now` (UNIX seconds) or from the present time."""
        with self._lock:
            self._state = ClockState(ahead_s=(self.now() if now is None else now) - self._follows())

    def set(self, now: int) -> None:
        """Set the time in UNIX seconds; a frozen clock stays frozen."""
        (self.run if self.mode == "running" else self.freeze)(now)

    def advance(self, seconds: int) -> None:
        """Move the clock forward; a frozen clock stays frozen."""
        with self._lock:
            frozen_at, ahead_s = self._state
            self._state = (
                ClockState(ahead_s=ahead_s + seconds)
                if frozen_at is None
                else ClockState(frozen_at=frozen_at + seconds)
            )

    def restore(self, state: ClockState = ClockState()) -> None:  # noqa: B008  an immutable tuple
        """Restore a state; by default the state at the start."""
        with self._lock:
            self._state = state

    # The order of requests.

    def begin(self) -> None:
        """Discard this thread's readings at the begin of a request."""
        self._thread.first = None

    @property
    def first(self) -> ClockReading | None:
        """Return this thread's first reading since `begin`."""
        return self._thread.first

    def mark(self) -> int:
        """Return a number between those of the readings before and after it."""
        return next(self._numbers)
