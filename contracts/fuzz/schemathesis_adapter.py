"""Schemathesis' engine: the only module that imports it, in the generator's own process.

The engine draws requests from a document and checks the answers; sending, counting and judging are
this package's work. Its events are semi-public: the adapter's tests check what is used here.
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
from duologue.contracts.errors import NotReached
from duologue.contracts.fuzz.types import (
    CheckFailure,
    GeneratedRequest,
    GenerationSettings,
    OnFailure,
    SendRequest,
)
from duologue.contracts.http.response import Response, read

# Characters that no HTTP field value may hold: servers refuse them before the API is reached.
NOT_IN_HEADERS = "".join(map(chr, (*range(0x20), 0x7F)))
PHASE_WITH_WRONG_KEYS = "examples"
FACTS = ("scenario", "failure_reason", "free")
ONE_OPERATION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "to load the engine", "version": "1"},
    "paths": {"/": {"get": {"operationId": "get", "responses": {"200": {"description": "OK"}}}}},
}


def load() -> None:
    """Load the 300 modules that the engine imports when it is first used; nothing is sent."""
    explore(
        ONE_OPERATION,
        GenerationSettings("fuzzing", seed=1, max_examples=1),
        url="http://localhost",
        key="none",
        send=lambda _: read(404, {}, content=b""),
        on_failure=lambda _: None,
    )


def explore(
    document: dict[str, Any],
    settings: GenerationSettings,
    *,
    url: str,
    key: str,
    send: SendRequest,
    on_failure: OnFailure,
) -> tuple[str, ...]:
    """Send what one phase generates from the document, and report every failed check.

    Returns sentences on what could not be tested. ``send`` answers each request, or raises
    NotReached.
    """
    config = schemathesis.Config.from_dict(engine_config(settings, url=url, key=key))
    schema = schemathesis.openapi.from_dict(document, config=config)
    transport = _Transport(send)
    # The engine takes the transport from its schema; copies that it makes have the same class.
    schema.__class__ = type("SchemaWithTransport", (type(schema),), {"transport": transport})
    schema.hooks.register_hook_with_name(_failure_filter(on_failure), "filter_failure")
    stream = _Engine(schema=schema).execute()
    return tuple(error for event in stream for error in _errors(event))


def engine_config(settings: GenerationSettings, *, url: str, key: str) -> dict[str, Any]:
    """Return the engine's whole configuration; no file is read and none is written."""
    phases: dict[str, Any] = {name: {"enabled": name == settings.phase} for name in PHASES}
    for name in ("examples", "coverage", "fuzzing"):
        # Values from answers would make requests depend on what else the target holds.
        phases[name]["extra-data-sources"] = {"responses": False}
    phases["fuzzing"]["error-feedback"] = {"enabled": False}
    # Only links of the document: those that the tool infers, or learns from answers, differ
    # between runs.
    phases["stateful"] |= {"inference": {"algorithms": []}, "link-calibration": False}
    # No path has PATCH. PUT, POST or DELETE might have an effect on a path without them.
    phases["coverage"]["unexpected-methods"] = ["PATCH"]
    return {
        "base-url": url,
        "seed": settings.seed,
        "workers": 1,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        # It ends an operation where drawing takes long, as on a machine under load.
        "suppress-health-check": ["too_slow"],
        "generation": {
            "max-examples": settings.max_examples,
            "database": "none",
            "no-shrink": True,
            # Keys are checked by ignored_auth; generated ones would lead to 401 most of the time.
            "with-security-parameters": False,
            # No document says how unknown query parameters are treated.
            "allow-extra-parameters": False,
            "exclude-header-characters": NOT_IN_HEADERS,
        },
        "auth": {"openapi": {"apiKey": {"api_key": key}}},
        # Without a caller any 4xx is accepted (readings T5); the tool accepts fewer by default.
        "checks": {
            "missing_required_header": {"expected-statuses": ["4xx"]},
            # It sends two more requests for each operation; one phase is enough.
            "ignored_auth": {"enabled": settings.phase == PHASE_WITH_WRONG_KEYS},
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


class _Transport(RequestsTransport):
    """The engine's transport: its serializers, our sending."""

    def __init__(self, send: SendRequest) -> None:
        super().__init__()
        self._serializers = schemathesis.transport.requests.REQUESTS_TRANSPORT._serializers
        self._send = send

    def send(self, case: Any, *, session: Any = None, **kwargs: Any) -> EngineResponse:  # noqa: ARG002
        """Return the answer as the engine reads it."""
        data = self.serialize_case(case, **kwargs)
        prepared = requests.Request(**data).prepare()
        try:
            answer = self._send(_generated_request(case, prepared))
        except NotReached as cause:
            raise requests.ConnectionError(str(cause), request=prepared) from cause
        return EngineResponse(
            status_code=answer.status,
            headers={name: [value] for name, value in answer.headers.items()},
            content=answer.text.encode(),
            request=prepared,
            elapsed=0.0,
            verify=True,
        )


def _generated_request(case: Any, prepared: requests.PreparedRequest) -> GeneratedRequest:
    body: Any = prepared.body
    return GeneratedRequest(
        str(case.operation.definition.raw["operationId"]),
        str(prepared.method),
        str(prepared.url),
        {name: _text(value) for name, value in prepared.headers.items()},
        body.encode() if isinstance(body, str) else body,
        dict(case.path_parameters or {}),
        declared=case.method.upper() == case.operation.method.upper(),
        valid=case.meta is None or not case.meta.generation.mode.is_negative,
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _failure_filter(on_failure: OnFailure) -> Any:
    """Return a hook that reports every failure and drops it, so that the engine goes on."""

    def filter_failure(_context: Any, failure: Any, case: Any, response: EngineResponse) -> bool:
        facts = {name: str(getattr(failure, name)) for name in FACTS if hasattr(failure, name)}
        request = _generated_request(case, response.request)
        on_failure(
            CheckFailure(
                type(failure).__name__,
                failure.message,
                not request.valid,
                request,
                _answer(response),
                facts,
            )
        )
        return False

    return filter_failure


def _answer(response: EngineResponse) -> Response:
    headers = {name: ", ".join(values) for name, values in response.headers.items()}
    return read(response.status_code, headers, content=response.content)


def _errors(event: events.EngineEvent) -> Iterator[str]:
    """Yield a sentence if an event tells of something that could not be tested."""
    if isinstance(event, events.NonFatalError):
        if isinstance(event.value, requests.RequestException):
            return  # the sender reports these itself
        yield f"{event.label}: {event.info.title}: {event.info.message}".strip()
    elif isinstance(event, events.FatalError):
        yield f"the engine failed: {event.exception!r}"
