"""The control plane: `/_mock/health` and `/_mock/reset`.

It carries no CORS headers, and calls that change something refuse a foreign `Origin` and a form's
content type: a tool on this machine can drive it, a web page from elsewhere cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Request, Response, request

_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}


def blueprint(reset: Callable[[], None]) -> Blueprint:
    """The routes; `reset` brings the world back."""
    plane = Blueprint("control", __name__, url_prefix="/_mock")

    @plane.get("/health")
    def health() -> Response:
        return _json(200, {"status": "ok"})

    @plane.post("/reset")
    def bring_back() -> Response:
        reason = _why_not(request)
        if reason is not None:
            return _json(403, {"error": {"code": "ERR_CONTROL_REFUSED", "message": reason}})
        reset()
        return _json(200, {"status": "ok"})

    return plane


def _why_not(call: Request) -> str | None:
    """Why a call may not change anything; None where it may."""
    origin = call.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != call.host:
        return f"A page of {origin} may not drive this mock."
    if call.mimetype in _FORMS:
        return f"Send JSON or no body; {call.mimetype} is what a web form sends."
    return None


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
