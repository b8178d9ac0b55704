"""Answers as Flask responses, with the headers that every answer has."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
from flask import Response
from werkzeug.datastructures import Headers

from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.traffic.rate_limit import RateLimitStatus
from duologue.mockserver.http.traffic.shown_rows import trimmed

_JSON = "application/json"
_JSON_TYPE = ("Content-Type", _JSON)
REQUEST_ID = "X-Request-Id"
# Written here and not by an extension, which costs 16 us a request (measured).
CORS = (
    (
        "Access-Control-Expose-Headers",
        "X-Request-Id, X-Rate-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset, Retry-After,"
        " X-Mock-Ignored",
    ),
)
# Whose answer it is stands in headers (apikey, onBehalfOf) that a cache on the way does not know:
# Varnish, as Debian has it, gave the list of one user to the next for two minutes.
NO_STORE = ("Cache-Control", "no-store")
_WITHOUT_CONTENT = (204, 304)
_ANY_ORIGIN = (("Access-Control-Allow-Origin", "*"),)
_ALLOWED_HEADERS = "apikey, appid, authtoken, content-type, onbehalfof, resource, sdk"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, PATCH, OPTIONS",
    "Access-Control-Max-Age": "7200",  # the longest that Chromium keeps one
}


class _JsonResponse(Response):
    """A response whose headers and body are sent as they are.

    Werkzeug copies the headers to repair locations and the length, which takes 8 us a request, and
    makes an iterator of the body, which granian sends piece by piece, in three times the time.
    """

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if self.is_streamed or self.status_code in _WITHOUT_CONTENT:
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self.response  # type: ignore[return-value]


class _OwnHeaders(Headers):
    """Headers of the mock's own making, which need no check; to check one takes 2 us."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._list = list(pairs)


class SentResponse(NamedTuple):
    """A response with its request id, and its body as it is sent."""

    id: str
    response: Response
    body: Any


class FlaskResponder:
    """Turns answers into Flask responses and gives each an id."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._name = f"{os.getpid():x}"  # ids stay unique where several processes share a state

    def send(
        self, answer: ApiResponse, left: RateLimitStatus, origin: str | None = None
    ) -> SentResponse:
        """Return the response with its id, the state of the rate limit and the CORS headers.

        A page at `origin` may send credentials, which a wildcard would not let it.
        """
        name, body = self.next_id(), _encoded(answer.body)
        pairs = [
            *CORS,
            *(_ANY_ORIGIN if origin is None else _for(origin)),
            NO_STORE,
            (REQUEST_ID, name),
            ("X-Rate-Limit", str(left.limit)),
            ("X-Rate-Limit-Remaining", str(left.remaining)),
        ]
        if answer.headers or type(body) is not bytes:
            headers = Headers(pairs)
            headers.update(answer.headers)
            response = _JsonResponse(body, answer.status, headers, content_type=_type_of(answer))
        else:
            # The type comes first: Werkzeug looks for it header by header.
            own = (_JSON_TYPE, *pairs, ("Content-Length", str(len(body))))
            response = _JsonResponse([body], answer.status, _OwnHeaders(own))
        return SentResponse(name, response, body)

    def preflight(
        self, left: RateLimitStatus, *, origin: str | None, wanted: str | None
    ) -> tuple[ApiResponse, SentResponse]:
        """Return the answer to a CORS preflight request: the `wanted` headers may be sent."""
        allowed = {"Access-Control-Allow-Headers": wanted or _ALLOWED_HEADERS}
        answer = ApiResponse(204, _PREFLIGHT | allowed, b"")
        return answer, self.send(answer, left, origin)

    def next_id(self) -> str:
        """Return an id that no other answer has."""
        return f"{self._name}-{next(self._numbers)}"


def _for(origin: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    )


def _type_of(answer: ApiResponse) -> str:
    return answer.headers.get("Content-Type", _JSON)


def _encoded(body: Any) -> Any:
    """Return JSON for a dict, a list or None, which the journal keeps; everything else as it is."""
    if isinstance(body, dict | list) or body is None:
        return trimmed(orjson.dumps(body))
    return body
