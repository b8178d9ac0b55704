"""What the API would answer now, without changing the mock.

It needs no key and causes no delay, no journal entry and no change. Some faults write on a read or
count their calls: such writes are rolled back, and such counters belong to separate behaviours.
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
from duologue.mockserver.store import backends, criteria
from duologue.mockserver.store.lookup import Lookup
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases.conversations import Service
from duologue.mockserver.usecases.types import Call

if TYPE_CHECKING:
    from duologue.mockserver.control.configuration import Configuration
    from duologue.mockserver.control.controls import Controls


class Preview(NamedTuple):
    """An answer as a client would read it; `body` is empty if it is no JSON object."""

    status: int
    body: dict[str, Any]

    @property
    def is_fine(self) -> bool:
        """Return whether the answer is a success."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """Return the content of the answer."""
        return self.body.get("data")

    @property
    def problem(self) -> str:
        """Return status, code and message of a refusal; empty for a success."""
        if self.is_fine:
            return ""
        error = self.body.get("error")
        known = error if isinstance(error, dict) else {}
        return f"{self.status} {known.get('code', '')}: {known.get('message', 'no reason given')}"


class PreviewClient:
    """A client that asks one mock without changing it."""

    def __init__(self, store: Store, controls: Controls) -> None:
        self._store = store
        self._rollback_store = _RollbackStore(store)
        self._controls = controls
        self._cached: tuple[Configuration, Service] | None = None
        self._lookup = Lookup.build(criteria.unread_count)

    @property
    def now(self) -> int:
        """Return the mock's time in UNIX seconds."""
        return self._controls.clock.now()

    @property
    def conn(self) -> Connection:
        """Return a connection to the state, for reading only."""
        return self._store.reading()

    def lookup(self, caller: str, *, kind: Kind, peer: str) -> LookupResult:
        """Return what the state holds about a caller and a peer, whatever the API answers."""
        return self._lookup.find(self.conn, caller, kind=kind, peer=peer)

    def ask(self, operation_id: str, *, caller: str | None = None, **of: Any) -> Preview:
        """Return the answer to an operation, in the dialect and with the faults in force.

        `path` and `query` hold parameters as a use case gets them: validated and cast.
        """
        service = self._service()
        call = Call(operation_id, caller, of.get("path", {}), of.get("query", {}), {})
        with self._rollback_store.rolled_back():
            return _preview_of(service.behaviours.finish(operation_id, _answer(service, call)))

    def _service(self) -> Service:
        """Return the use cases of the configuration in force, rebuilt when it changes."""
        configuration = self._controls.configuration_control.configuration
        if self._cached is None or self._cached[0] is not configuration:
            _, sent = self._controls.configuration_control.behaviours(configuration)
            made = Service(cast("Store", self._rollback_store), sent, self._controls.clock.now)
            self._cached = configuration, made
        return self._cached[1]


class _RollbackStore:
    """A store whose writes are rolled back at the end of a preview."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Roll back everything that is written in the block."""
        conn = self._store.reading()
        backends.begin(conn)
        try:
            yield
        finally:
            backends.roll_back(conn)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the connection of the preview."""
        yield self._store.reading()


def _answer(service: Service, call: Call) -> ApiResponse:
    behaviours = service.behaviours
    try:
        outcome = USE_CASES[call.operation_id](service, call)
        return responses.of_outcome(behaviours, call.operation_id, outcome)
    except Refusal as problem:
        return responses.of_refusal(behaviours, problem)
    except Exception as problem:  # shown on the page, even if the defect is the mock's
        return broken_answer(problem)


def _preview_of(answer: ApiResponse) -> Preview:
    body = answer.body
    if isinstance(body, bytes | str):
        try:
            body = orjson.loads(body)
        except orjson.JSONDecodeError:
            body = {}
    return Preview(answer.status, body if isinstance(body, dict) else {})
