"""Requests that the mock makes to its own API: journaled, and neither delayed nor limited."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

import orjson
from flask import Request

from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.middleware import Middleware
from duologue.mockserver.http.routes import PREFIX, USE_CASES

AGENT = "mockserver (POST /_mock/send)"  # the journal shows who made the request
SEND = "sendMessage"


class OwnRequests:
    """Sends messages through the API as their senders."""

    def __init__(self, dispatcher: Dispatcher, middleware: Middleware, *, key: str) -> None:
        self._dispatcher = dispatcher
        self._middleware = middleware
        self._key = key

    def send_message(self, caller: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Send a message as `caller`; return status and body of the answer."""
        request = self._request("/messages", caller, orjson.dumps(body))
        act = partial(self._dispatcher.answer, SEND, USE_CASES[SEND], request=request, path={})
        response = self._middleware.attend(request, act, operation_id=SEND)
        return response.status_code, orjson.loads(response.get_data())

    def _request(self, path: str, caller: str, body: bytes) -> Request:
        return Request(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": f"{PREFIX}{path}",
                "QUERY_STRING": "",
                "SERVER_NAME": "mock",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.url_scheme": "http",
                "wsgi.input": BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": "application/json",
                "HTTP_USER_AGENT": AGENT,
                "HTTP_APIKEY": self._key,
                "HTTP_ONBEHALFOF": caller,
            }
        )
