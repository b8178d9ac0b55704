"""The last requests and their answers.

Writing one down is a tuple put into a row: everything that is looked at is made when somebody
looks. The key that came with a request is not kept, only what it was worth.
"""

from __future__ import annotations

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
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.flask_responses import SentResponse

if TYPE_CHECKING:
    from flask import Request

    from duologue.mockserver.control.configuration import Configuration, ConfigurationControl

KEPT = 500
LARGE_BYTES = 64 * 1024  # a list of a hundred conversations; one of a thousand has half a million
LARGE_KEPT = 50  # answers of that size; the others stay as long as their entries
_HEADERS = ("CONTENT_TYPE", "HTTP_USER_AGENT", "HTTP_ORIGIN")
_READING = {"GET", "HEAD", "OPTIONS"}
_UNKNOWN_KEY = "an unknown key"


class Entry(NamedTuple):
    """One request and its answer, as they were."""

    id: str
    at: int
    reading: ClockReading | None  # of the clock, by the use case; none where it came to no use case
    took_ns: int
    method: str
    path: str
    query: str
    operation_id: str | None
    params: Mapping[str, str]
    caller: str | None
    key: str | None  # one of this mock's own, or a word that stands for any other
    headers: tuple[str | None, ...]
    body: bytes
    configuration: Configuration
    status: int
    problem: Refusal | None
    raised_in: CodeType | None  # where the problem was raised
    answer_headers: Headers
    held_answer: Any  # bytes, save where a fault sends a stream

    @property
    def answer_body(self) -> Any:
        """What was answered; None for a large body that is no longer kept."""
        return self.held_answer[0] if isinstance(self.held_answer, list) else self.held_answer

    @property
    def writes(self) -> bool:
        """Whether it was there to change something, and was not refused."""
        return self.method not in _READING and self.reading is not None and self.problem is None

    @property
    def changes(self) -> bool:
        """Whether it may have changed the state: by a fault, reading may do so, too."""
        is_let = self.reading is not None and self.problem is None
        return self.writes or (bool(self.configuration.faults) and is_let)

    def given(self) -> Iterator[tuple[str, str]]:
        """The headers that came with it, those of them that are kept."""
        for name, value in zip(_HEADERS, self.headers, strict=True):
            if value:
                yield name.removeprefix("HTTP_").replace("_", "-").title(), value
        if self.caller is not None:
            yield "onBehalfOf", self.caller


class Journal:
    """The last entries, oldest first, and who hears of each new one."""

    def __init__(
        self,
        controllable_clock: ControllableClock,
        configuration_control: ConfigurationControl,
        *,
        keys: frozenset[str],
        kept: int = KEPT,
    ) -> None:
        self._dial = controllable_clock
        self._configuration_control = configuration_control
        self._keys = keys
        # Both are added to from any thread without a lock, which a deque is made for.
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=kept)
        self._large: deque[list[Any]] = deque()
        self.tell: Callable[[Entry], None] | None = None  # hears of each change of the state

    # What the gate calls.

    def begin(self) -> int:
        """The moment at which a request came."""
        self._dial.begin()
        return perf_counter_ns()

    def note(
        self,
        began: int,
        request: Request,
        *,
        operation_id: str | None,
        path: Mapping[str, str],
        answer: ApiResponse,
        sent: SentResponse,
    ) -> None:
        """Write a request and its answer down."""
        environ = request.environ
        look = environ.get
        key = look("HTTP_APIKEY")
        has_body = look("CONTENT_LENGTH") or look("HTTP_TRANSFER_ENCODING")
        body = request.get_data(cache=True) if has_body else b""
        said = sent.body
        method, first = environ["REQUEST_METHOD"], self._dial.first
        entry = (
            sent.id,
            self._dial.now() if first is None else first.now,
            first,
            perf_counter_ns() - began,
            method,
            environ["PATH_INFO"],
            look("QUERY_STRING", ""),
            operation_id,
            path,
            look("HTTP_ONBEHALFOF"),
            key if key is None or key in self._keys else _UNKNOWN_KEY,
            (look("CONTENT_TYPE"), look("HTTP_USER_AGENT"), look("HTTP_ORIGIN")),
            body,
            self._configuration_control.configuration,
            answer.status,
            answer.problem,
            None if answer.problem is None else _origin(answer.problem),
            sent.response.headers,
            said if type(said) is not bytes or len(said) < LARGE_BYTES else self._held(said),
        )
        if self.tell is not None and (
            method != "GET" or self._configuration_control.configuration.faults
        ):
            self.tell(Entry._make(entry))
        self._entries.append(entry)

    def _held(self, body: bytes) -> list[Any]:
        """A large body, in a place from which it goes before its entry does."""
        place = [body]
        self._large.append(place)
        if len(self._large) > LARGE_KEPT:
            self._large.popleft()[0] = None
        return place

    # What others look at.

    def __iter__(self) -> Iterator[Entry]:
        """All that is kept, oldest first."""
        return map(Entry._make, list(self._entries))

    def find(self, request_id: str) -> Entry | None:
        """The entry of that id, if it is still kept."""
        return next((entry for entry in self if entry.id == request_id), None)

    def after(self, request_id: str) -> Iterator[Entry]:
        """What came after that request; all there is where it is no longer kept."""
        entries = list(self)
        ids = [entry.id for entry in entries]
        return islice(entries, ids.index(request_id) + 1 if request_id in ids else 0, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._large.clear()


def _origin(problem: Refusal) -> CodeType | None:
    """Where a problem was raised; its traceback goes, for it holds on to the whole request."""
    found = rule_docs.raised_in(problem.__traceback__)
    problem.__traceback__ = None
    return found
