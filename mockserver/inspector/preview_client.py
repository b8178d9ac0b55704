"""What the API would answer right now, looked at without leaving a trace.

No key, no delay, no line in the journal; and no change, although some faults write where they
should only read, or remember how often they were asked: what is written here is taken back, and
what is remembered is remembered by parts of the window's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import Kind, LookupResult
from duologue.mockserver.http import responses
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.dispatcher import broken_answer
from duologue.mockserver.http.routes import USE_CASES
from duologue.mockserver.store import criteria
from duologue.mockserver.store.lookup import Lookup
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases.conversations import Service
from duologue.mockserver.usecases.types import Call

if TYPE_CHECKING:
    from duologue.mockserver.control.configuration import Configuration
    from duologue.mockserver.control.controls import Controls


class Preview(NamedTuple):
    """An answer as a client would read it; `body` is empty where it is no JSON object."""

    status: int
    body: dict[str, Any]

    @property
    def is_fine(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """What it holds."""
        return self.body.get("data")

    @property
    def problem(self) -> str:
        """Status, code and message of a refusal; empty for a success."""
        if self.is_fine:
            return ""
        error = self.body.get("error")
        known = error if isinstance(error, dict) else {}
        return f"{self.status} {known.get('code', '')}: {known.get('message', 'no reason given')}"


class PreviewClient:
    """One mock, to be looked at."""

    def __init__(self, store: Store, controls: Controls) -> None:
        self._store = store
        self._glass = _Glass(store)
        self._controls = controls
        self._seen: tuple[Configuration, Service] | None = None
        self._looking = Lookup.build(criteria.unread_count)

    @property
    def now(self) -> int:
        """The mock's time."""
        return self._controls.clock.now()

    @property
    def run(self) -> Connection:
        """The state as it is, whatever the API answers; only to be read."""
        return self._store.reading()

    def lookup(self, caller: str, *, kind: Kind, peer: str) -> LookupResult:
        """What there is between two, whatever the API answers."""
        return self._looking.find(self.run, caller, kind=kind, peer=peer)

    def ask(self, operation_id: str, *, caller: str | None = None, **of: Any) -> Preview:
        """The answer to an operation, in the dialect and with the faults in force.

        `path` and `query` hold parameters as a use case gets them: checked and cast already.
        """
        service = self._service()
        call = Call(operation_id, caller, of.get("path", {}), of.get("query", {}), {})
        with self._glass.look():
            return _heard(service.behaviours.finish(operation_id, _answer(service, call)))

    def _service(self) -> Service:
        """The use cases with parts of the manner in force, made anew when that changes."""
        configuration = self._controls.configuration_control.configuration
        if self._seen is None or self._seen[0] is not configuration:
            _, sent = self._controls.configuration_control.behaviours(configuration)
            made = Service(cast("Store", self._glass), sent, self._controls.clock.now)
            self._seen = configuration, made
        return self._seen[1]


class _Glass:
    """A store seen through: what is written to it is gone when the look ends."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def look(self) -> Iterator[None]:
        """All that is done within is taken back."""
        driver = self._store.reading().info["driver"]
        driver.execute("BEGIN")
        try:
            yield
        finally:
            driver.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The connection of a look."""
        yield self._store.reading()


def _answer(service: Service, call: Call) -> ApiResponse:
    behaviours = service.behaviours
    try:
        outcome = USE_CASES[call.operation_id](service, call)
        return responses.of_outcome(behaviours, call.operation_id, outcome)
    except Refusal as problem:
        return responses.of_refusal(behaviours, problem)
    except Exception as problem:  # the page shows what is broken, even where it is the mock itself
        return broken_answer(problem)


def _heard(answer: ApiResponse) -> Preview:
    body = answer.body
    if isinstance(body, bytes | str):
        try:
            body = orjson.loads(body)
        except orjson.JSONDecodeError:
            body = {}
    return Preview(answer.status, body if isinstance(body, dict) else {})
