"""The line of events to one client, with what goes wrong on it on purpose.

All of it runs in the thread of the outlet, so events keep their order unless a fault changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from duologue.mockserver.control.socket.faults import SocketFaults
from duologue.mockserver.socket.frames import Frame

HELD_S = 1.0  # an event waits so long for the one that is to come before it


class Outlet(Protocol):
    """The way to one client; each method returns at once and may be called from any thread."""

    def send(self, frame: Frame) -> None:
        """Send a frame."""

    def close(self, code: int, reason: str) -> None:
        """Close the connection."""

    def cut(self) -> None:
        """End the connection as a failing network does."""

    def later(self, delay_s: float, act: Callable[[], object]) -> None:
        """Act in the outlet's thread after so many seconds."""


class Line:
    """Sends events to one client by its outlet."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._held: Frame | None = None
        self._counted_for: SocketFaults | None = None
        self._count = 0

    def send(self, frame: Frame, faults: SocketFaults, *, delay_s: float = 0) -> None:
        """Send an event with these faults, from any thread, after so many seconds."""
        self._outlet.later(delay_s, partial(self._begin, frame, faults))

    def _begin(self, frame: Frame, faults: SocketFaults) -> None:
        if faults.late_ms:
            self._outlet.later(faults.late_ms / 1000, partial(self._in_order, frame, faults))
        else:
            self._in_order(frame, faults)

    def _in_order(self, frame: Frame, faults: SocketFaults) -> None:
        held, self._held = self._held, None
        if faults.out_of_order and held is None:
            self._held = frame
            self._outlet.later(HELD_S, partial(self._release, frame, faults))
            return
        pair = (frame, held) if faults.out_of_order else (held, frame)
        for one in pair:
            if one is not None:
                self._write(one, faults)

    def _release(self, frame: Frame, faults: SocketFaults) -> None:
        """Send an event that no other one has followed."""
        if self._held is frame:
            self._held = None
            self._write(frame, faults)

    def _write(self, frame: Frame, faults: SocketFaults) -> None:
        for _ in range(2 if faults.twice else 1):
            self._outlet.send(frame)
        if faults.cut_after is not None:
            self._count_until(faults.cut_after, faults)

    def _count_until(self, most: int, faults: SocketFaults) -> None:
        """Count an event; cut the connection once there were so many under these faults."""
        if faults is not self._counted_for:
            self._counted_for, self._count = faults, 0
        self._count += 1
        if self._count >= most:
            self._outlet.cut()
