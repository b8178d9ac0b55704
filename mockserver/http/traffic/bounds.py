"""Bounds on what a client may send, enforced before anything reads it (readings T18).

The numbers stand in `domain.limits`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from duologue.mockserver.domain.limits import (
    BODY_BYTES,
    DRAINED_BYTES,
    JSON_DEPTH,
    WORLD_BYTES,
)

if TYPE_CHECKING:
    from flask import Request

_TOO_LARGE = "duologue.body_too_large"  # in a request's environment: the limit in bytes
_RECEIVED = "duologue.received"  # the body
_WORLD = ("PUT", "/_mock/world")
_CHUNK_BYTES = 64 * 1024
_FEW_DIGITS = 4  # of a length that is below every limit and a chunk
# A text or a bracket; what stands in a text does not count, and an open text counts to the end.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|([\[{])|([\]}])', re.DOTALL)
App = Callable[[dict[str, Any], Callable[..., Any]], Any]
Waiting = Callable[[], AbstractContextManager[None]]


class BoundedBodies:
    """A WSGI app that gets each body as a whole, and none beyond the limit; see `exceeded`."""

    def __init__(self, answer: App) -> None:
        self._answer = answer

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answer the request, with an empty body in place of one that is too large."""
        receive(environ)
        return self._answer(environ, start)


def receive(environ: dict[str, Any], waiting: Waiting = nullcontext) -> None:
    """Wait until the body of a request is there, and put it in place of the stream.

    `waiting` is called for a context around the wait.
    """
    length = environ.get("CONTENT_LENGTH")
    if (length or "HTTP_TRANSFER_ENCODING" in environ) and _RECEIVED not in environ:
        environ[_RECEIVED] = b""
        with waiting():
            if length and len(length) <= _FEW_DIGITS and length.isascii() and length.isdigit():
                _receive_little(environ, int(length))
            else:
                _receive(environ, length)


def _receive_little(environ: dict[str, Any], length: int) -> None:
    """Receive a body that is within every limit: nearly always all of it comes at once."""
    stream = environ["wsgi.input"]
    body = stream.read(length)
    if body and len(body) < length:
        body += _read(stream, length - len(body))
    _replace(environ, body)


def _receive(environ: dict[str, Any], length: str | None) -> None:
    most = limit_of(environ)
    stream = environ["wsgi.input"]
    declared_bytes = (
        int(length[:18]) if length and length.isascii() and length.isdigit() else most + 1
    )
    body = b"" if length and declared_bytes > most else _read(stream, declared_bytes)
    if declared_bytes > most and (length or len(body) > most):
        _drain(stream, min(declared_bytes, DRAINED_BYTES) if length else DRAINED_BYTES)
        _replace(environ, b"", limit=most)
    else:
        _replace(environ, body)


def limit_of(environ: Mapping[str, Any]) -> int:
    """Return how many bytes the body of a request may have."""
    is_world = (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == _WORLD
    return WORLD_BYTES if is_world else BODY_BYTES


def _replace(environ: dict[str, Any], body: bytes, *, limit: int | None = None) -> None:
    environ["wsgi.input"], environ[_RECEIVED] = io.BytesIO(body), body
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if limit is not None:
        environ[_TOO_LARGE] = limit


def _read(stream: Any, most: int) -> bytes:
    parts, left = [], most
    while left and (part := stream.read(min(left, _CHUNK_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _drain(stream: Any, most: int) -> None:
    """Read and drop: a client that still sends when the connection closes sees no answer."""
    while most > 0 and (part := stream.read(min(most, _CHUNK_BYTES))):
        most -= len(part)


def body_of(request: Request) -> bytes:
    """Return the body of a request; reading it through Werkzeug takes 10 us more."""
    body: bytes | None = request.environ.get(_RECEIVED)
    return request.get_data(cache=True) if body is None else body


def exceeded(environ: Mapping[str, Any]) -> int | None:
    """Return the limit in bytes that the body of a request exceeds; None if it is within it."""
    limit: int | None = environ.get(_TOO_LARGE)
    return limit


def is_too_deep(raw: bytes) -> bool:
    """Return whether JSON text nests lists and objects deeper than `JSON_DEPTH`.

    Linear in the length; text that is no JSON has any answer.
    """
    if raw.count(b"[") + raw.count(b"{") <= JSON_DEPTH:
        return False
    depth = 0
    for token in _TOKENS.finditer(raw):
        if token.lastindex == 1:
            depth += 1
            if depth > JSON_DEPTH:
                return True
        elif token.lastindex == 2:
            depth -= 1
    return False
