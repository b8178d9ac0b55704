"""One exchange: a request of a client and the answer of the target, as the checks read them."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from duologue import openapi
from duologue.contracts.http.client import RecordedCall
from duologue.contracts.http.connection import MAX_ANSWER_BYTES
from duologue.contracts.http.response import Response, read

SECRET_HEADERS = ("apikey", "authtoken", "authorization", "cookie", "proxy-authorization")
SHOWN_HEADERS = ("accept", "content-type", "onBehalfOf")
LONGEST_BODY_BYTES = 2_000  # of a body in a finding's call
KEY_SHOWN = "CLIENT_APIKEY"
_NAMED = re.compile(r"\{[^{}]+\}")


class Router:
    """Finds the operation of a request by its method and path below the target's base path."""

    def __init__(self, base_path: str) -> None:
        self._base = base_path.rstrip("/")
        self._routes = [
            (row.method, re.compile(_NAMED.sub("[^/]+", row.path) + r"\Z"), row)
            for row in openapi.operations()
        ]

    def operation(self, method: str, path: str) -> openapi.Operation | None:
        """Return the operation, None where the document has none of that method and path."""
        if not path.startswith(f"{self._base}/"):
            return None
        below = path[len(self._base) :]
        for verb, pattern, row in self._routes:
            if verb == method and pattern.match(below):
                return row
        return None


@dataclass(slots=True)
class Exchange:
    """A request and its answer; header names are small letters, ``target`` is path and query."""

    operation: openapi.Operation
    origin: str
    target: str
    headers: Mapping[str, str]
    content: bytes
    status: int = 0
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer_content: bytes = b""


class ReadExchange:
    """An exchange with its parts parsed, each once."""

    def __init__(self, exchange: Exchange) -> None:
        self.raw = exchange
        self.operation = exchange.operation
        self.status = exchange.status
        self.headers = exchange.headers

    @cached_property
    def query(self) -> dict[str, str]:
        """Return the query's parameters; the last of equal names."""
        return dict(parse_qsl(urlsplit(self.raw.target).query, keep_blank_values=True))

    @cached_property
    def raw_query(self) -> dict[str, str]:
        """Return the query's parameters with their values as they were sent, not decoded."""
        pairs = (each.partition("=") for each in urlsplit(self.raw.target).query.split("&") if each)
        return {unquote(name): value for name, _, value in pairs}

    @cached_property
    def body(self) -> Any:
        """Return the request's body as JSON, None where it is none."""
        return _json(self.raw.content)

    @cached_property
    def answer(self) -> Response:
        """Return the answer, its body decoded and parsed."""
        encoding = self.raw.answer_headers.get("content-encoding", "")
        content = decoded(self.raw.answer_content, encoding)
        return read(self.status, dict(self.raw.answer_headers), content=content)

    @property
    def is_readable(self) -> bool:
        """Return whether the answer's encoding is one that can be undone here."""
        encoding = self.raw.answer_headers.get("content-encoding", "")
        return encoding.strip().lower() in ("", "identity", "gzip", "x-gzip", "deflate")

    @property
    def is_done(self) -> bool:
        """Return whether the target answered as done."""
        return 200 <= self.status < 300

    @property
    def has_key(self) -> bool:
        """Return whether the request carries a key or a token of any kind."""
        return any(self.headers.get(name) for name in ("apikey", "authtoken", "authorization"))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of a list, empty where the answer is none."""
        data = self.answer.data
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    def curl(self) -> str:
        """Return the request as a shell command without its secrets."""
        given = {name.lower(): name for name in SHOWN_HEADERS}
        shown = [(given[name], value) for name, value in self.headers.items() if name in given]
        key = [("apikey", "")] if "apikey" in self.headers else []
        content = self.raw.content
        body = content if 0 < len(content) <= LONGEST_BODY_BYTES else None
        return RecordedCall(
            self.operation.id,
            self.operation.method,
            self.raw.origin + self.raw.target,
            (*key, *shown),
            body,
            KEY_SHOWN,
            self.status,
        ).curl()


def decoded(content: bytes, encoding: str) -> bytes:
    """Return a body without its gzip or deflate, at most 16 MiB; as it is where that fails."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return content
    try:
        # 47: the header says whether it is gzip or zlib.
        return zlib.decompressobj(47).decompress(content, MAX_ANSWER_BYTES)
    except zlib.error:
        return content


def _json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return None
