"""The last requests and their answers.

Adding an entry stores one tuple; everything else is computed when an entry is read. The API key of
a request is not kept, only whether it was accepted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from time import perf_counter_ns
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.datastructures import Headers

from duologue.mockserver.control.clock import ClockReading, ControllableClock
from duologue.mockserver.control.journal import rule_docs
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.limits import JOURNAL_BYTES
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.flask_responses import SentResponse
from duologue.mockserver.http.traffic.bounds import body_of

if TYPE_CHECKING:
    from flask import Request

    from duologue.mockserver.control.configuration import Configuration, ConfigurationControl

KEPT = 500
LARGE_BYTES = 16 * 1024  # of a body that may be dropped before its entry, see JOURNAL_BYTES
# The last is how the vendor's clients name the tab or device that a request comes from.
_HEADERS = ("CONTENT_TYPE", "HTTP_USER_AGENT", "HTTP_ORIGIN", "HTTP_X_MOCK", "HTTP_RESOURCE")
_READING = {"GET", "HEAD", "OPTIONS"}
_UNKNOWN_KEY = "an unknown key"


class JournalEntry(NamedTuple):
    """One request and its answer."""

    id: str
    at: int
    reading: ClockReading | None  # of the clock, by the use case; None if no use case ran
    took_ns: int
    method: str
    path: str
    query: str
    operation_id: str | None
    params: Mapping[str, str]
    caller: str | None
    key: str | None  # a key of this mock, or a placeholder for any other
    headers: tuple[str | None, ...]
    held_body: Any  # bytes, in a place of their own if they are many
    configuration: Configuration
    status: int
    problem: Refusal | None
    raised_in: CodeType | None  # where the problem was raised
    answer_headers: Headers
    held_answer: Any  # bytes, except for a stream that a fault sends

    @property
    def body(self) -> bytes | None:
        """Return the request's body; None for a large body that is no longer kept."""
        held: bytes | None = _content(self.held_body)
        return held

    @property
    def answer_body(self) -> Any:
        """Return the answer's body; None for a large body that is no longer kept."""
        return _content(self.held_answer)

    @property
    def device(self) -> str | None:
        """Return the tab or device that the request names as its origin; None if it names none."""
        return self.headers[-1]

    @property
    def writes(self) -> bool:
        """Return whether the request was a change and was not refused."""
        return self.method not in _READING and self.reading is not None and self.problem is None

    @property
    def changes(self) -> bool:
        """Return whether the request may have changed the state (with a fault, reading may)."""
        is_let = self.reading is not None and self.problem is None
        return self.writes or (bool(self.configuration.faults) and is_let)

    def given(self) -> Iterator[tuple[str, str]]:
        """Yield the request headers that are kept."""
        for name, value in zip(_HEADERS, self.headers, strict=True):
            if value:
                yield name.removeprefix("HTTP_").replace("_", "-").title(), value
        if self.caller is not None:
            yield "onBehalfOf", self.caller


class Journal:
    """The last entries, oldest first; an observer is called with each new one."""

    def __init__(
        self,
        controllable_clock: ControllableClock,
        configuration_control: ConfigurationControl,
        *,
        keys: frozenset[str],
        kept: int = KEPT,
    ) -> None:
        self._clock = controllable_clock
        self._configuration_control = configuration_control
        self._keys = keys
        # A deque can be appended to from any thread without a lock.
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=kept)
        self._large: deque[list[Any]] = deque()
        self._large_bytes = 0
        self._counting = threading.Lock()
        self.on_change: Callable[[JournalEntry], None] | None = None  # called for each change
        self.on_entry: Callable[[JournalEntry], None] | None = (
            None  # called for each; None costs nothing
        )

    # Called by the middleware.

    def begin(self) -> int:
        """Return the start time of a request in nanoseconds, to measure its duration."""
        self._clock.begin()
        return perf_counter_ns()

    def add(
        self,
        began: int,
        request: Request,
        *,
        operation_id: str | None,
        path: Mapping[str, str],
        answer: ApiResponse,
        sent: SentResponse,
    ) -> None:
        """Add a request and its answer."""
        environ = request.environ
        look = environ.get
        key = look("HTTP_APIKEY")
        has_body = look("CONTENT_LENGTH") or look("HTTP_TRANSFER_ENCODING")
        body = body_of(request) if has_body else b""
        answer_body = sent.body
        if type(answer_body) is bytes and len(answer_body) >= LARGE_BYTES:
            answer_body = self._held(answer_body)
        method, first = environ["REQUEST_METHOD"], self._clock.first
        path_info = environ["PATH_INFO"]
        entry: tuple[Any, ...] = (
            sent.id,
            self._clock.now() if first is None else first.now,
            first,
            perf_counter_ns() - began,
            method,
            path_info if path_info.isascii() else _decoded(path_info),
            look("QUERY_STRING", ""),
            operation_id,
            path,
            look("HTTP_ONBEHALFOF"),
            key if key is None or key in self._keys else _UNKNOWN_KEY,
            (
                look("CONTENT_TYPE"),
                look("HTTP_USER_AGENT"),
                look("HTTP_ORIGIN"),
                look("HTTP_X_MOCK"),
                look("HTTP_RESOURCE"),
            ),
            body,
            self._configuration_control.configuration,
            answer.status,
            answer.problem,
            None if answer.problem is None else _origin(answer.problem),
            sent.response.headers,
            answer_body,
        )
        if self.on_change is not None and (
            method != "GET" or self._configuration_control.configuration.faults
        ):
            entry = JournalEntry._make(entry)  # one object for the log of changes and for us
            self.on_change(entry)
        self._entries.append(entry if len(body) < LARGE_BYTES else self._with_place(entry))
        if self.on_entry is not None:
            self.on_entry(JournalEntry._make(entry))

    def _with_place(self, entry: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the entry with its body in a place; the log of changes keeps the body itself."""
        kept = JournalEntry._make(entry)
        return kept._replace(held_body=self._held(kept.held_body))

    def _held(self, body: bytes) -> list[Any]:
        """Keep a large body in a place of its own; free the oldest places beyond JOURNAL_BYTES."""
        place: list[Any] = [body]
        with self._counting:
            self._large.append(place)
            self._large_bytes += len(body)
            while self._large_bytes > JOURNAL_BYTES and len(self._large) > 1:
                oldest = self._large.popleft()
                self._large_bytes -= len(oldest[0])
                oldest[0] = None
        return place

    # Reading.

    def __iter__(self) -> Iterator[JournalEntry]:
        """Iterate over all entries, oldest first."""
        return map(JournalEntry._make, list(self._entries))

    def find(self, request_id: str) -> JournalEntry | None:
        """Return the entry of a request id; None if it is no longer kept."""
        return next((entry for entry in self if entry.id == request_id), None)

    def after(self, request_id: str) -> Iterator[JournalEntry]:
        """Yield the entries after a request; all of them if it is no longer kept."""
        entries = list(self)
        ids = [entry.id for entry in entries]
        return islice(entries, ids.index(request_id) + 1 if request_id in ids else 0, None)

    def clear(self) -> None:
        """Delete all entries."""
        self._entries.clear()
        with self._counting:
            self._large.clear()
            self._large_bytes = 0


def _content(held: Any) -> Any:
    return held[0] if isinstance(held, list) else held


def _origin(problem: Refusal) -> CodeType | None:
    """Return the code that raised a problem; drop the traceback, which keeps the request alive."""
    found = rule_docs.raised_in(problem.__traceback__)
    problem.__traceback__ = None
    return found


def _decoded(path_info: str) -> str:
    """Return a path that WSGI gives as Latin-1 of its bytes as what they are, UTF-8."""
    return path_info.encode("latin-1").decode(errors="replace")
