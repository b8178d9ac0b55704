"""Messages that the mock sends by itself, now or later on its own clock.

Each is a request to the API as its sender would make it: the journal has it, `why` explains it, and
clients see what they would see. Delays, failures and the rate limit are for the app under test and
not for these.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duologue.mockserver.control.errors import Conflict, NoSuch

MOST = 1000
Post = Callable[["ScheduledMessage"], Any]


@dataclass(slots=True)
class ScheduledMessage:
    """A scheduled message: sender, receiver and time."""

    id: str
    sender: str
    kind: str
    receiver: str
    text: str
    due: int  # by the mock's clock, in UNIX seconds
    not_before_s: float  # by the monotonic clock, while the mock's clock runs

    def body(self) -> dict[str, Any]:
        """Return the body of the request that sends it."""
        return {
            "receiver": self.receiver,
            "receiverType": self.kind,
            "category": "message",
            "type": "text",
            "data": {"text": self.text},
        }


class Scheduler:
    """The messages that are not sent yet; a thread waits for them while the clock runs."""

    def __init__(self, clock: Any, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self.post: Post = _unsent  # replaced once there is a way to send
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._numbers = itertools.count(1)
        self._waiting: list[ScheduledMessage] = []
        self._changed = threading.Condition(threading.RLock())
        self._thread: threading.Thread | None = None

    def __iter__(self) -> Any:
        with self._changed:
            return iter(sorted(self._waiting, key=_order))

    def add(
        self, sender: str, *, kind: str, receiver: str, text: str, in_s: float
    ) -> tuple[ScheduledMessage, Any]:
        """Send a message in `in_s` seconds, at once for 0; return it, and what `post` gave if sent.

        A frozen clock keeps it waiting until the clock is moved that far. Raise Conflict if too
        many wait, and what `post` raises.
        """
        with self._changed:
            if len(self._waiting) >= MOST:
                raise Conflict(f"{MOST} messages wait already; DELETE /_mock/send removes them.")
            message = ScheduledMessage(
                str(next(self._numbers)),
                sender,
                kind,
                receiver,
                text=text,
                due=self._clock.now() + -int(-in_s // 1),
                not_before_s=self._monotonic_s() + in_s,
            )
            if in_s <= 0:
                return message, self.post(message)
            self._waiting.append(message)
            self._changed.notify_all()
            self._begin_thread()
            return message, None

    def remove(self, message_id: str) -> None:
        """Do not send a message; raise NoSuch if none waits with this id."""
        with self._changed:
            left = [one for one in self._waiting if one.id != message_id]
            if len(left) == len(self._waiting):
                raise NoSuch("message", message_id, hint="GET /_mock/send lists those that wait")
            self._waiting = left

    def clear(self) -> None:
        """Send none of them; one that is being sent is finished first."""
        with self._changed:
            self._waiting = []
            self._changed.notify_all()

    def clock_has_changed(self) -> None:
        """Send what is due by the clock, and count again what is not."""
        with self._changed:
            now, monotonic_s = self._clock.now(), self._monotonic_s()
            for message in sorted(self._waiting, key=_order):
                if message.due <= now:
                    self._send(message)
                else:
                    message.not_before_s = monotonic_s + message.due - now
            self._changed.notify_all()

    def send_due(self) -> float | None:
        """Send what is due while the clock runs; return the seconds until the next, None if none.

        The mock's clock shows whole seconds, so the monotonic clock decides.
        """
        with self._changed:
            if self._clock.mode != "running":
                return None
            for message in sorted(self._waiting, key=_order):
                if message.not_before_s <= self._monotonic_s():
                    self._send(message)
            if not self._waiting:
                return None
            return max(0.0, min(one.not_before_s for one in self._waiting) - self._monotonic_s())

    def _send(self, message: ScheduledMessage) -> None:
        self._waiting.remove(message)
        self.post(message)

    def _begin_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="scheduled sends", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Wait and send until nothing is left."""
        with self._changed:
            while self._waiting:
                self._changed.wait(self.send_due())
            self._thread = None


def _unsent(message: ScheduledMessage) -> Any:
    raise RuntimeError(f"there is no way to send message {message.id} yet")


def _order(message: ScheduledMessage) -> tuple[int, float, int]:
    return message.due, message.not_before_s, int(message.id)
