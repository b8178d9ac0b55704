"""A second state beside the mock's own, in which past requests are done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import orjson
from flask import Request

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.control.configuration import Configuration, ConfigurationControl
from duologue.mockserver.control.journal.change_log import Base
from duologue.mockserver.control.journal.journal import Entry
from duologue.mockserver.control.why.recorder import Recorder, Recording
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.http.dispatcher import Dispatcher, Runtime
from duologue.mockserver.http.middleware import carefully
from duologue.mockserver.http.routes import USE_CASES
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store

_MEMORY = "sqlite://"  # one connection of one thread: the one that asks why


@dataclass(frozen=True, slots=True)
class ReplayQuestion:
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
    def of(cls, entry: Entry) -> ReplayQuestion:
        """Return the question of a journal entry that was for an operation."""
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

    def instead(self, operation_id: str, caller: str | None, **params: str) -> ReplayQuestion:
        """Return another question at the same moment: a GET of this operation."""
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
    def says(self) -> tuple[int, Any]:
        """Return what the client sees: status and body."""
        return self.status, self.body


class Replay:
    """The state of a base, and the requests replayed on it."""

    def __init__(
        self, base: Base, *, configuration_control: ConfigurationControl, of: Dispatcher
    ) -> None:
        self._store = Store(_MEMORY)
        base.into(self._store)
        self._configuration_control = configuration_control
        self._now = 0
        self._dispatcher = of.beside(self._store, clock=lambda: self._now)
        self._specs = {configuration_control.configuration: of.runtime.spec}
        self._recorder = Recorder()
        self._watched: dict[Configuration, Runtime] = {}
        self._plain: dict[Configuration, Runtime] = {}

    def close(self) -> None:
        """Let go of the state."""
        self._store.close()

    def ask(self, key: ReplayQuestion) -> ReplayedResponse:
        """Answer a question without changing the state, not even where a fault would."""
        configuration = key.configuration
        if configuration not in self._plain:
            self._plain[configuration] = self._runtime(
                configuration, *self._configuration_control.behaviours(configuration)
            )
        if not configuration.faults:
            return self._answer(key, self._plain[configuration])
        before = self.kept()
        heard = self._answer(key, self._plain[configuration])
        self.back(before)
        return heard

    def do(self, key: ReplayQuestion) -> tuple[ReplayedResponse, Recording]:
        """Answer a request that may change the state; return the answer and the recording."""
        configuration = key.configuration
        if configuration not in self._watched:
            own, sent = self._configuration_control.behaviours(configuration)
            watched = self._recorder.watched(sent)
            # What the mock only meant to say is worded by parts that are not watched.
            self._watched[configuration] = self._runtime(
                configuration, watched if sent is own else own, watched
            )
        self._recorder.recording = recording = Recording()
        return self._answer(key, self._watched[configuration]), recording

    def means(self, key: ReplayQuestion) -> ReplayedResponse:
        """Answer a question from the present state as if no fault were on."""
        configuration = key.configuration._replace(faults=())
        own, _ = self._configuration_control.behaviours(configuration)
        return self._answer(key, self._runtime(configuration, own, own))

    def members(self, guid: str, most: int) -> list[str]:
        """Return the uids of a group's first members; none if there is no such group."""
        run = self._store.reading()
        if group_store.find(run, guid) is None:
            return []
        page = group_store.members(run, guid, per_page=most, number=1)
        return [member.user.uid for member in page.items]

    def kept(self) -> StateSnapshot:
        """Return a snapshot of the present state, to restore with `back`."""
        return StateSnapshot(self._store)

    def back(self, kept: StateSnapshot) -> None:
        """Restore a snapshot."""
        kept.into(self._store)

    def _runtime(self, configuration: Configuration, own: Behaviours, sent: Behaviours) -> Runtime:
        """Return the runtime of a configuration; its spec index is costly, and is built once for

        each.
        """
        runtime = self._dispatcher.prepared(own, sent, self._specs.get(configuration))
        self._specs[configuration] = runtime.spec
        return runtime

    def _answer(self, key: ReplayQuestion, runtime: Runtime) -> ReplayedResponse:
        self._now = key.now
        self._dispatcher.go_by(runtime)
        act = partial(
            self._dispatcher.answer,
            key.operation_id,
            USE_CASES[key.operation_id],
            request=_request(key),
            path=key.params,
        )
        answer = carefully(act)
        return ReplayedResponse(answer.status, said(answer.body), answer.problem)


def said(body: Any) -> Any:
    """Return a body's JSON value; the body itself if it is not JSON."""
    if not isinstance(body, bytes | str):
        body = orjson.dumps(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _request(key: ReplayQuestion) -> Request:
    environ = {
        "REQUEST_METHOD": key.method,
        "PATH_INFO": "/v3",
        "QUERY_STRING": key.query,
        "SERVER_NAME": "mock",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(key.body),
        "CONTENT_LENGTH": str(len(key.body)),
    }
    given = {
        "CONTENT_TYPE": key.content_type,
        "HTTP_APIKEY": key.key,
        "HTTP_ONBEHALFOF": key.caller,
    }
    return Request(environ | {name: value for name, value in given.items() if value is not None})
