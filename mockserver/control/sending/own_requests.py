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

AGENT = "mockserver (/_mock)"  # the journal shows who made the request
SEND = "sendMessage"


class OwnRequests:
    """Makes what the control plane is asked for through the API, so that `why` knows of it."""

    def __init__(self, dispatcher: Dispatcher, middleware: Middleware, *, key: str) -> None:
        self._dispatcher = dispatcher
        self._middleware = middleware
        self._key = key

    def send_message(self, caller: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Send a message as `caller`; return status and body of the answer."""
        return self._made(SEND, self._request("POST", "/messages", body, caller=caller), path={})

    def mark(
        self, operation_id: str, peer: str, body: dict[str, Any], *, caller: str, device: str
    ) -> tuple[int, Any]:
        """Mark messages of a conversation as `caller` on a device; return status and body."""
        kind, _, how = operation_id.removeprefix("mark").partition("ConversationAs")
        place, name = ("users", "uid") if kind == "User" else ("groups", "guid")
        path = f"/{place}/{peer}/conversation/{how.lower()}"
        request = self._request("POST", path, body, caller=caller, device=device)
        return self._made(operation_id, request, path={name: peer})

    def change_user(self, uid: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Change fields of a user; return status and body of the answer."""
        request = self._request("PUT", f"/users/{uid}", body)
        return self._made("updateUser", request, path={"uid": uid})

    def revoke_tokens(self, uid: str) -> tuple[int, Any]:
        """Revoke all tokens of a user; return status and body of the answer."""
        request = self._request("DELETE", f"/users/{uid}/auth_tokens", {})
        return self._made("revokeAuthTokens", request, path={"uid": uid})

    def _made(
        self, operation_id: str, request: Request, *, path: dict[str, str]
    ) -> tuple[int, Any]:
        use_case = USE_CASES[operation_id]
        act = partial(self._dispatcher.answer, operation_id, use_case, request=request, path=path)
        response = self._middleware.attend(request, act, operation_id=operation_id, path=path)
        return response.status_code, orjson.loads(response.get_data())

    def _request(
        self,
        method: str,
        path: str,
        content: dict[str, Any],
        *,
        caller: str | None = None,
        device: str = "",
    ) -> Request:
        body = orjson.dumps(content)
        on_behalf = {} if caller is None else {"HTTP_ONBEHALFOF": caller}
        of_device = {"HTTP_RESOURCE": device} if device else {}
        return Request(
            {
                "REQUEST_METHOD": method,
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
                **on_behalf,
                **of_device,
            }
        )
