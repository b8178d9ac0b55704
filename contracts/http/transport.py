"""HTTP as a polite guest: pooled, timed, obedient to 429, counted by operation."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from duologue.contracts.errors import Interrupted, NotReached

MOST_RETRIES_AFTER_429 = 8
LONGEST_WAIT_S = 60.0
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: ``body`` is the parsed JSON, or None where it was not JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str

    @property
    def ok(self) -> bool:
        """Whether the call was answered as done: 2xx and a body under ``data``."""
        return 200 <= self.status < 300 and isinstance(self.body, dict) and "data" in self.body

    @property
    def data(self) -> Any:
        """What stands under ``data``, None where there is none."""
        return self.body.get("data") if isinstance(self.body, dict) else None

    @property
    def error(self) -> dict[str, Any]:
        """What stands under ``error``, empty where there is none."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def code(self) -> str:
        """The error code, empty where there is none."""
        return str(self.error.get("code", ""))

    def __str__(self) -> str:
        if self.error:
            return f"{self.status} {self.code or 'without a code'}"
        return f"{self.status} {' '.join(self.text[:200].split())}".strip()


class Transport:
    """The one way out: sends requests for all scenes, and keeps the books.

    At most ``connections`` requests are under way at once, however many scenes are played.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        connections: int = 8,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pool = urllib3.PoolManager(
            maxsize=connections, block=False, retries=False, timeout=urllib3.Timeout(timeout_s)
        )
        self._slots = threading.BoundedSemaphore(connections)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._by_status: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.stopping = threading.Event()

    def send(
        self,
        operation_id: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Any = None,
        cleaning: bool = False,
    ) -> Response:
        """The target's answer, 429 waited out.

        Raises NotReached when no answer comes or 429 does not end, and Interrupted when the run
        is being ended and this call does not clean up.
        """
        content = encoded(body)
        for _ in range(MOST_RETRIES_AFTER_429):
            with self._slots:
                if self.stopping.is_set() and not cleaning:
                    raise Interrupted
                answer = self._once(method, url, headers=headers, content=content)
            self._count(operation_id, answer.status)
            if answer.status != 429:
                return answer
            self._wait(wait_s(answer.headers), cleaning=cleaning)
        raise NotReached(f"{method} {url} kept answering 429")

    def _wait(self, seconds: float, *, cleaning: bool) -> None:
        """Waits in steps, so that a run that is being ended does not sit out a minute."""
        while seconds > 0 and (cleaning or not self.stopping.is_set()):
            self._sleep(min(seconds, STEP_S))
            seconds -= STEP_S

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        try:
            got = self._pool.request(method, url, body=content, headers=headers, redirect=False)
        except (urllib3.exceptions.HTTPError, ValueError) as cause:
            raise NotReached(f"{method} {url} was not answered: {cause}") from cause
        return read(got.status, dict(got.headers), content=got.data)

    def _count(self, operation_id: str, status: int) -> None:
        with self._lock:
            self._by_status[operation_id][status] += 1

    def counts(self) -> dict[str, dict[int, int]]:
        """operationId -> status -> number of answers so far."""
        with self._lock:
            return {name: dict(sorted(c.items())) for name, c in self._by_status.items()}

    def close(self) -> None:
        """Lets all connections go."""
        self._pool.clear()


def encoded(body: Any) -> bytes | None:
    """A body as it is sent: JSON, or bytes as they are (which need not be JSON)."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False).encode()


def read(status: int, headers: dict[str, str], *, content: bytes) -> Response:
    """The answer with its body parsed where it is JSON."""
    text = content.decode("utf-8", errors="replace")
    try:
        body = json.loads(text) if text else None
    except (ValueError, RecursionError):
        body = None
    lowered = {name.lower(): value for name, value in headers.items()}
    return Response(status, lowered, body, text)


def wait_s(headers: Mapping[str, str]) -> float:
    """Seconds that a 429 asks to wait: ``Retry-After``, 1 where it says nothing usable."""
    try:
        asked = float(headers.get("retry-after", "1"))
    except ValueError:
        asked = 1.0
    if math.isnan(asked):
        asked = 1.0
    return min(max(asked, 0.05), LONGEST_WAIT_S)
