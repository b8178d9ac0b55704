"""Calls to a server on this machine, and their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

KEY = "mock-api-key"


@dataclass(frozen=True)
class Call:
    """One request; its path begins after the server's prefix (``/v3``)."""

    method: str
    path: str
    caller: str | None = None
    body: Any = None

    @property
    def headers(self) -> dict[str, str]:
        """Return all headers except those that a client adds itself."""
        headers = {"apikey": KEY, "accept": "application/json"}
        if self.caller is not None:
            headers["onBehalfOf"] = self.caller
        if self.body is not None:
            headers["content-type"] = "application/json"
        return headers

    @property
    def content(self) -> bytes | None:
        """Return the body as it is sent."""
        return None if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Answer:
    """Status, parsed body (None if it is not JSON), and size of the body in bytes."""

    status: int
    body: Any
    size: int

    @property
    def ok(self) -> bool:
        """Return whether it is a 2xx with a JSON body."""
        return 200 <= self.status < 300 and self.body is not None

    @property
    def data(self) -> Any:
        """Return the value of ``data``."""
        return self.body.get("data") if isinstance(self.body, Mapping) else None


@dataclass(frozen=True)
class Address:
    """Host, port and path prefix of a server."""

    port: int
    base: str = "/v3"
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the base URL with the prefix."""
        return self.origin + self.base


class Line:
    """A connection that is kept open, used by one caller at a time."""

    def __init__(self, address: Address, *, timeout_s: float = 30.0) -> None:
        self._address = address
        self._connection = HTTPConnection(address.host, address.port, timeout=timeout_s)

    def send(self, call: Call) -> Answer:
        """Return the answer; raise OSError or HTTPException if there is none."""
        path = self._address.base + call.path
        self._connection.request(call.method, path, body=call.content, headers=call.headers)
        response = self._connection.getresponse()
        content = response.read()
        return Answer(response.status, _parsed(content), len(content))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def ask(address: Address, call: Call) -> Answer:
    """Return the answer to a call on a new connection."""
    line = Line(address)
    try:
        return line.send(call)
    finally:
        line.close()


def is_answered(address: Address, call: Call) -> bool:
    """Return whether the call is answered 2xx."""
    try:
        return 200 <= ask(address, call).status < 300
    except (OSError, HTTPException):
        return False


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
