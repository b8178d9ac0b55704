"""Calls to a server on this machine, and what answers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

KEY = "mock-api-key"


@dataclass(frozen=True)
class Call:
    """One request; its path begins after whatever a server puts in front of it (``/v3``)."""

    method: str
    path: str
    caller: str | None = None
    body: Any = None

    @property
    def headers(self) -> dict[str, str]:
        """All headers but those that a client adds itself."""
        headers = {"apikey": KEY, "accept": "application/json"}
        if self.caller is not None:
            headers["onBehalfOf"] = self.caller
        if self.body is not None:
            headers["content-type"] = "application/json"
        return headers

    @property
    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Answer:
    """A status, the parsed body (None where it is no JSON), and the body's size in bytes."""

    status: int
    body: Any
    size: int

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx with a JSON body."""
        return 200 <= self.status < 300 and self.body is not None

    @property
    def data(self) -> Any:
        """What stands under ``data``."""
        return self.body.get("data") if isinstance(self.body, Mapping) else None


@dataclass(frozen=True)
class Address:
    """Where a server answers: host, port and what its paths begin with."""

    port: int
    base: str = "/v3"
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole base URL."""
        return self.origin + self.base


class Line:
    """A connection that is kept open, for one caller after the other."""

    def __init__(self, address: Address, *, timeout_s: float = 30.0) -> None:
        self._address = address
        self._connection = HTTPConnection(address.host, address.port, timeout=timeout_s)

    def send(self, call: Call) -> Answer:
        """The answer; raises OSError or HTTPException where none comes."""
        path = self._address.base + call.path
        self._connection.request(call.method, path, body=call.content, headers=call.headers)
        response = self._connection.getresponse()
        content = response.read()
        return Answer(response.status, _parsed(content), len(content))

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


def ask(address: Address, call: Call) -> Answer:
    """One answer on a connection of its own."""
    line = Line(address)
    try:
        return line.send(call)
    finally:
        line.close()


def is_answered(address: Address, call: Call) -> bool:
    """Whether the call is answered 2xx by now."""
    try:
        return 200 <= ask(address, call).status < 300
    except (OSError, HTTPException):
        return False


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
