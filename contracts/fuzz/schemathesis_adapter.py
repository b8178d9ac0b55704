"""Schemathesis' engine in this process: the only module that imports it.

The engine draws requests from a document and checks the answers; sending, counting and judging are
ours. Its events are semi-public: the adapter's tests check what is used here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
import schemathesis
from schemathesis.core.transport import Response as EngineResponse
from schemathesis.engine import events
from schemathesis.engine.core import Engine, ExecutionPlan
from schemathesis.engine.run import PhaseName
from schemathesis.transport.requests import RequestsTransport

from duologue.contracts.context.budget import PHASES
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.types import (
    CheckFailure,
    GeneratedRequest,
    GenerationSettings,
    Note,
    Send,
)
from duologue.contracts.http.transport import Response, read

# What a field value of HTTP cannot hold: a server refuses it before the API is asked.
NOT_IN_HEADERS = "".join(map(chr, (*range(0x20), 0x7F)))
PHASE_WITH_WRONG_KEYS = "examples"
FACTS = ("scenario", "failure_reason", "free")


def explore(
    document: dict[str, Any],
    draw: GenerationSettings,
    *,
    url: str,
    key: str,
    send: Send,
    note: Note,
) -> tuple[str, ...]:
    """Send what one phase draws from the document, and note every failed check.

    Returns what could not be tried, as sentences. ``send`` answers each request; Interrupted from
    it ends the phase.
    """
    config = schemathesis.Config.from_dict(_config(draw, url=url, key=key))
    schema = schemathesis.openapi.from_dict(document, config=config)
    wire = _Wire(send)
    # The engine asks its schema for the way out; clones it makes are of the same class.
    schema.__class__ = type("Wired", (type(schema),), {"transport": wire})
    schema.hooks.register_hook_with_name(_filter(note), "filter_failure")
    stream = _Engine(schema=schema).execute()
    wire.stop = stream.stop
    return tuple(error for event in stream for error in _errors(event))


def _config(draw: GenerationSettings, *, url: str, key: str) -> dict[str, Any]:
    """Return the engine's whole configuration; no file is read and none is written."""
    phases: dict[str, Any] = {name: {"enabled": name == draw.phase} for name in PHASES}
    for name in ("examples", "coverage", "fuzzing"):
        # Values from answers would make requests depend on what else the target holds.
        phases[name]["extra-data-sources"] = {"responses": False}
    phases["fuzzing"]["error-feedback"] = {"enabled": False}
    # Links of the document only, followed as they stand: what the tool infers, or learns from
    # answers, differs between runs.
    phases["stateful"] |= {"inference": {"algorithms": []}, "link-calibration": False}
    # One that no path has. PUT, POST or DELETE might do something on a path without them.
    phases["coverage"]["unexpected-methods"] = ["PATCH"]
    return {
        "base-url": url,
        "seed": draw.seed,
        "workers": 1,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        "generation": {
            "max-examples": draw.max_examples,
            "database": "none",
            "no-shrink": True,
            # Keys are tried by ignored_auth; drawn ones would use the fuzzing up for 401s.
            "with-security-parameters": False,
            # Unknown query parameters: no document says what becomes of them.
            "allow-extra-parameters": False,
            "exclude-header-characters": NOT_IN_HEADERS,
        },
        "auth": {"openapi": {"apiKey": {"api_key": key}}},
        # Without a caller any 4xx will do (readings T5); the tool knows of 400 and a few more.
        "checks": {
            "missing_required_header": {"expected-statuses": ["4xx"]},
            # Two more requests for each operation: one phase is enough to know.
            "ignored_auth": {"enabled": draw.phase == PHASE_WITH_WRONG_KEYS},
        },
        "phases": phases,
    }


class _Engine(Engine):
    """The engine without its warm-up: its probes bypass our transport, and it makes no accounts."""

    def _create_execution_plan(self) -> ExecutionPlan:
        plan = super()._create_execution_plan()
        warm_up = (PhaseName.PROBING, PhaseName.AUTH_BOOTSTRAP)
        plan.phases = [phase for phase in plan.phases if phase.name not in warm_up]
        return plan


class _Wire(RequestsTransport):
    """The engine's transport: its serializers, our sending."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._serializers = schemathesis.transport.requests.REQUESTS_TRANSPORT._serializers
        self._send = send
        self.stop: Any = lambda: None

    def send(self, case: Any, *, session: Any = None, **kwargs: Any) -> EngineResponse:  # noqa: ARG002
        """Return the answer as the engine reads it."""
        data = self.serialize_case(case, **kwargs)
        prepared = requests.Request(**data).prepare()
        try:
            answer = self._send(_sent(case, prepared))
        except NotReached as cause:
            raise requests.ConnectionError(str(cause), request=prepared) from cause
        except Interrupted as cause:
            self.stop()
            raise requests.ConnectionError("the run is being ended", request=prepared) from cause
        return EngineResponse(
            status_code=answer.status,
            headers={name: [value] for name, value in answer.headers.items()},
            content=answer.text.encode(),
            request=prepared,
            elapsed=0.0,
            verify=True,
        )


def _sent(case: Any, prepared: requests.PreparedRequest) -> GeneratedRequest:
    body: Any = prepared.body
    return GeneratedRequest(
        str(case.operation.definition.raw["operationId"]),
        str(prepared.method),
        str(prepared.url),
        {name: _text(value) for name, value in prepared.headers.items()},
        body.encode() if isinstance(body, str) else body,
        dict(case.path_parameters or {}),
        declared=case.method.upper() == case.operation.method.upper(),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _filter(note: Note) -> Any:
    """Return a hook that notes every failure and drops it, so that the engine goes on."""

    def filter_failure(_context: Any, failure: Any, case: Any, response: EngineResponse) -> bool:
        facts = {name: str(getattr(failure, name)) for name in FACTS if hasattr(failure, name)}
        negative = case.meta is not None and case.meta.generation.mode.is_negative
        sent = _sent(case, response.request)
        note(
            CheckFailure(
                type(failure).__name__, failure.message, negative, sent, _answer(response), facts
            )
        )
        return False

    return filter_failure


def _answer(response: EngineResponse) -> Response:
    headers = {name: ", ".join(values) for name, values in response.headers.items()}
    return read(response.status_code, headers, content=response.content)


def _errors(event: events.EngineEvent) -> Iterator[str]:
    """Yield what an event says of things that could not be tried."""
    if isinstance(event, events.NonFatalError):
        if isinstance(event.value, requests.RequestException):
            return  # whoever sends knows better
        yield f"{event.label}: {event.info.title}: {event.info.message}".strip()
    elif isinstance(event, events.FatalError):
        yield f"the engine failed: {event.exception!r}"
