"""A second state beside the mock's own, in which past requests are replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import orjson
from flask import Request as FlaskRequest

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.control.configuration import Configuration, ConfigurationControl
from duologue.mockserver.control.journal.change_log import Base
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.why.recorder import Recorder, Recording
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.routes import USE_CASES
from duologue.mockserver.http.runtime import Runtime
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store

_IN_MEMORY = "sqlite://"  # one connection, for the thread that explains


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """A request to an operation, in a form that can be sent at any time."""

    operation_id: str
    method: str
    params: Mapping[str, str]
    caller: str | None
    key: str | None
    now: int
    configuration: Configuration
    query: str = ""
    content_type: str | None = None
    body: bytes = b""

    @classmethod
    def of(cls, entry: JournalEntry) -> ReplayRequest:
        """Return the request of a journal entry that was for an operation."""
        return cls(
            operation_id=entry.operation_id or "",
            method=entry.method,
            params=entry.params,
            caller=entry.caller,
            key=entry.key,
            now=entry.reading.now if entry.reading else entry.at,
            configuration=entry.configuration,
            query=entry.query,
            content_type=entry.headers[0],
            body=entry.body or b"",
        )

    def replaced_by(self, operation_id: str, caller: str | None, **params: str) -> ReplayRequest:
        """Return a GET of another operation at the same moment."""
        return replace(
            self,
            operation_id=operation_id,
            method="GET",
            params=params,
            caller=caller,
            query="",
            content_type=None,
            body=b"",
        )


class ReplayedResponse(NamedTuple):
    """An answer: its status, its body as JSON, and the problem if it is an error."""

    status: int
    body: Any
    problem: Refusal | None = None

    @property
    def outcome(self) -> tuple[int, Any]:
        """Return what the client sees: status and body."""
        return self.status, self.body


class Replay:
    """The state of a base, and the requests replayed on it."""

    def __init__(
        self, base: Base, *, configuration_control: ConfigurationControl, of: Dispatcher
    ) -> None:
        self._store = Store(_IN_MEMORY)
        base.into(self._store)
        self._configuration_control = configuration_control
        self._now = 0
        self._dispatcher = of.beside(self._store, clock=lambda: self._now)
        self._specs = {configuration_control.configuration: of.runtime.spec}
        self._recorder = Recorder()
        self._recorded: dict[Configuration, Runtime] = {}
        self._plain: dict[Configuration, Runtime] = {}

    def close(self) -> None:
        """Discard the state."""
        self._store.close()

    def ask(self, request: ReplayRequest) -> ReplayedResponse:
        """Answer a request without changing the state, even if a fault would change it."""
        configuration = request.configuration
        if configuration not in self._plain:
            self._plain[configuration] = self._runtime(
                configuration, *self._configuration_control.behaviours(configuration)
            )
        if not configuration.faults:
            return self._answer(request, self._plain[configuration])
        before = self.snapshot()
        response = self._answer(request, self._plain[configuration])
        self.restore(before)
        return response

    def do(self, request: ReplayRequest) -> tuple[ReplayedResponse, Recording]:
        """Answer a request that may change the state; return the answer and the recording."""
        configuration = request.configuration
        if configuration not in self._recorded:
            own, sent = self._configuration_control.behaviours(configuration)
            recorded = self._recorder.recording_behaviours(sent)
            # The behaviours that only predict the answer are not recorded.
            self._recorded[configuration] = self._runtime(
                configuration, recorded if sent is own else own, recorded
            )
        self._recorder.recording = recording = Recording()
        return self._answer(request, self._recorded[configuration]), recording

    def answer_without_faults(self, request: ReplayRequest) -> ReplayedResponse:
        """Answer a request from the present state as if no fault were on."""
        configuration = request.configuration._replace(faults=())
        own, _ = self._configuration_control.behaviours(configuration)
        return self._answer(request, self._runtime(configuration, own, own))

    def members(self, guid: str, most: int) -> list[str]:
        """Return the uids of a group's first members; none if there is no such group."""
        conn = self._store.reading()
        if group_store.find(conn, guid) is None:
            return []
        page = member_store.members(conn, guid, per_page=most, number=1)
        return [member.user.uid for member in page.items]

    def snapshot(self) -> StateSnapshot:
        """Return a snapshot of the present state, to restore with `restore`."""
        return StateSnapshot(self._store)

    def restore(self, snapshot: StateSnapshot) -> None:
        """Restore a snapshot."""
        snapshot.into(self._store)

    def _runtime(self, configuration: Configuration, own: Behaviours, sent: Behaviours) -> Runtime:
        """Return the runtime of a configuration; its costly spec index is built once for each."""
        runtime = self._dispatcher.prepared(own, sent, self._specs.get(configuration))
        self._specs[configuration] = runtime.spec
        return runtime

    def _answer(self, request: ReplayRequest, runtime: Runtime) -> ReplayedResponse:
        self._now = request.now
        self._dispatcher.go_by(runtime)
        act = partial(
            self._dispatcher.answer,
            request.operation_id,
            USE_CASES[request.operation_id],
            request=_flask_request(request),
            path=request.params,
        )
        answer = self._dispatcher.carefully(act)
        return ReplayedResponse(answer.status, json_value(answer.body), answer.problem)


def json_value(body: Any) -> Any:
    """Return a body's JSON value; the body itself if it is not JSON."""
    if not isinstance(body, bytes | str):
        body = orjson.dumps(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _flask_request(request: ReplayRequest) -> FlaskRequest:
    environ = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": "/v3",
        "QUERY_STRING": request.query,
        "SERVER_NAME": "mock",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "CONTENT_LENGTH": str(len(request.body)),
    }
    given = {
        "CONTENT_TYPE": request.content_type,
        "HTTP_APIKEY": request.key,
        "HTTP_ONBEHALFOF": request.caller,
    }
    return FlaskRequest(
        environ | {name: value for name, value in given.items() if value is not None}
    )
