"""Answers as Flask responses, with the headers that every answer has."""

from __future__ import annotations

import itertools
import os
from typing import Any

import orjson
from flask import Response

from mockserver.clock import Clock
from mockserver.domain.limits import RATE_PER_MINUTE
from mockserver.http.answers import Answer

_JSON = "application/json"
_MINUTE_S = 60
# Written here and not by an extension, which costs 16 us a request (engineering notes C2).
CORS = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "X-Request-Id, X-Rate-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset, Retry-After",
    ),
)
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, PATCH, OPTIONS",
    "Access-Control-Allow-Headers": (
        "apikey, appid, authtoken, content-type, onbehalfof, resource, sdk"
    ),
    "Access-Control-Max-Age": "7200",  # the longest that Chromium keeps one
}


class Wire:
    """Turns answers into responses; counts them for their ids and for the rate limit's headers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._name = f"{os.getpid():x}"  # ids stay unique where several processes share a state
        self._minute = 0
        self._used = 0

    def response(self, answer: Answer) -> Response:
        """The answer with an id, the state of the allowance, and leave for every web page."""
        headers = [
            *CORS,
            ("X-Request-Id", f"{self._name}-{next(self._numbers)}"),
            ("X-Rate-Limit", str(RATE_PER_MINUTE)),
            ("X-Rate-Limit-Remaining", str(self._remaining())),
            *answer.headers.items(),
        ]
        return Response(
            _encoded(answer.body), answer.status, headers, content_type=_type_of(answer)
        )

    def preflight(self) -> Response:
        """The answer to a browser that asks before it sends."""
        return self.response(Answer(204, _PREFLIGHT, b""))

    def _remaining(self) -> int:
        """What is left of this minute's allowance; it is counted, not enforced."""
        minute = self._clock() // _MINUTE_S
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += 1
        return max(0, RATE_PER_MINUTE - self._used)


def _type_of(answer: Answer) -> str:
    return answer.headers.get("Content-Type", _JSON)


def _encoded(body: Any) -> Any:
    """JSON for what is not text or a stream of bytes already."""
    if isinstance(body, dict | list) or body is None:
        return orjson.dumps(body)
    return body
