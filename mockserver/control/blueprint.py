"""The Flask blueprint of the control plane: guard, validate, handle and answer each call.

It sends no CORS headers, so no page of another origin can read its answers; see `guard` for what
keeps such pages from changing anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Request, Response, request
from werkzeug.routing import BaseConverter, Rule

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import Conflict, ControlProblem, Refused
from duologue.mockserver.control.events.changes import CONTROL_KINDS, OTHER_CONTROL
from duologue.mockserver.control.events.stream import TYPE as STREAM
from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.http.flask_responses import NO_STORE, REQUEST_ID

if TYPE_CHECKING:
    from duologue.mockserver.control.validation import CallValidator, ValidatedCall

PREFIX = "/_mock"
_JSON = "application/json"
_READING = ("GET", "HEAD")
# Calls that also work with several processes, because they use only the shared state.
_SHARED = {
    "getHealth", "reset", "getWorld", "putWorld", "getWorldSchema", "getControlDocument",
    "getDocument",
}  # fmt: skip
# Calls that a page of --allow-origin may make: those that drive the mock, not those that tell what
# other clients have sent.
FOR_PAGES = {
    *("getHealth", "reset", "putWorld", "listSnapshots", "saveSnapshot", "restoreSnapshot"),
    *("deleteSnapshot", "listWorlds", "addWorld", "deleteWorld", "clearWorlds"),
    *("setPresence", "clearPresence", "expireSessions"),
    *("getClock", "setClock", "advanceClock", "getLatency", "setLatency", "clearLatency"),
    *("listFailures", "addFailure", "clearFailures", "deleteFailure", "streamEvents"),
    *("getRateLimit", "setRateLimit", "clearRateLimit", "getDialect", "setDialect"),
    *("send", "listSends", "clearSends", "deleteSend", "getFaults", "setFaults", "addFaults"),
    *("clearFaults", "clearClock", "clearDialect"),
    *("cutSocket", "setSocketFaults", "clearSocketFaults"),
}
_PREFLIGHT = {"Access-Control-Allow-Methods": "GET, POST, PUT, DELETE"}
_log = logging.getLogger(__name__)


def add(app: Flask, controls: Controls, next_id: Callable[[], str]) -> None:
    """Let `app` answer the calls of the control document.

    One rule for all of them: each costs a start half a millisecond, and the pages that others put
    under the same prefix are more particular, so they win.
    """

    def view(path: str = "") -> Response:
        response = _answer(controls, path)
        response.headers[REQUEST_ID] = next_id()
        return response

    app.url_map.converters["rest"] = _Rest
    add_rule(app, f"{PREFIX}/<rest:path>", "control", view)


def add_rule(app: Flask, rule: str, endpoint: str, view: Callable[..., Response]) -> None:
    """Let `view` answer a path with any method: the API's errors, with CORS headers, never do."""
    app.url_map.add(Rule(rule, endpoint=endpoint))
    app.view_functions[endpoint] = view


class _Rest(BaseConverter):
    """The rest of a path, whatever it begins with: /_mock//x is no path of the API."""

    regex = ".+?"
    part_isolating = False
    weight = 200  # as of `path`: what is more particular wins


def _answer(controls: Controls, path: str) -> Response:
    if not controls.guard.lets_page_in(request):
        return _answer_tool(controls, path)
    if request.method == "OPTIONS":
        return Response(status=204, headers=_for_page(request) | _PREFLIGHT)
    response = _answer_tool(controls, path)
    response.headers.update(_for_page(request))
    return response


def _for_page(incoming: Request) -> dict[str, str]:
    """Return the headers that let a page of another origin read the answer."""
    wanted = incoming.headers.get("Access-Control-Request-Headers")
    allowed = {"Access-Control-Allow-Headers": wanted} if wanted else {}
    return {
        "Access-Control-Allow-Origin": incoming.headers["Origin"],
        "Access-Control-Expose-Headers": REQUEST_ID,
        "Vary": "Origin",
        **allowed,
    }


def _answer_tool(controls: Controls, path: str) -> Response:
    try:
        controls.guard.check(request)
        call = _validator().read(request, path)
        _check_reach(controls, call)
        _check_page(controls, call)
        controls.state.revive()
        return _handle(controls, call)
    except ControlProblem as problem:
        return refused(problem)
    except Exception as error:
        unavailable = controls.state.unavailable(error)
        if unavailable is not None:
            return _unavailable(unavailable)
        _log.exception("%s %s failed", request.method, request.path)
        message = f"This call failed with {type(error).__name__}. This is a bug of the mock."
        return _json({"error": {"code": "ERR_CONTROL_FAILED", "message": message}}, status=500)


def _unavailable(problem: StateUnavailable) -> Response:
    error = {"code": "ERR_CONTROL_STATE", "message": str(problem)}
    return _json({"error": error}, status=problem.status)


def _check_page(controls: Controls, call: ValidatedCall) -> None:
    """Raise Refused for a page of another origin if the call is none of FOR_PAGES."""
    if controls.guard.lets_page_in(request) and call.operation_id not in FOR_PAGES:
        raise Refused(f"{call.operation_id} is no call for a page of another origin.")


def _check_reach(controls: Controls, call: ValidatedCall) -> None:
    """Raise Conflict if the call would reach only one of several processes."""
    if controls.is_shared and call.operation_id not in _SHARED:
        raise Conflict(
            "This mock runs in several processes, and this call would reach only one of"
            " them. Start it with --workers 1."
        )


def refused(problem: ControlProblem) -> Response:
    """Return the response for a problem."""
    error: dict[str, Any] = {"code": problem.code, "message": str(problem)}
    if problem.details:
        error["details"] = problem.details
    response = _json({"error": error}, status=problem.status)
    response.headers.update(problem.headers)
    return response


def _handle(controls: Controls, call: ValidatedCall) -> Response:
    from duologue.mockserver.control.calls.answers import EventStream, PlainDocument  # noqa: PLC0415
    from duologue.mockserver.control.handlers import CALLS  # noqa: PLC0415

    result = CALLS[call.operation_id](controls, call)
    if isinstance(result, EventStream):
        return Response(result.stream, content_type=STREAM, headers=[NO_STORE])
    if request.method not in _READING:
        kind = CONTROL_KINDS.get(call.operation_id, OTHER_CONTROL)
        controls.events.add(kind, controls.clock.now(), call=call.operation_id)
    if not isinstance(result, PlainDocument):
        return _json({"data": result})
    if result.content_type == _JSON:
        return _json(result.body)
    return Response(result.body, content_type=result.content_type, headers=[NO_STORE])


@cache
def _validator() -> CallValidator:
    # Imported by the first call, to keep the start of a mock fast.
    from duologue.mockserver.control.validation import CallValidator  # noqa: PLC0415
    from duologue.openapi import document  # noqa: PLC0415

    return CallValidator(document.load("control"))


def _json(body: Any, *, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type=_JSON, headers=[NO_STORE])
