"""The transport of a drill: plain connections to a mock on this machine.

A drill sends some hundred thousand requests; with urllib3 the client would take half as much time
as the mock.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from duologue.contracts.drill.driven_mock import END_WITHIN_S
from duologue.contracts.errors import NotReached
from duologue.contracts.http.response import Response, read
from duologue.contracts.http.transport import Transport

END = b"\r\n\r\n"
CHUNK_BYTES = 65_536


class RawHttpTransport(Transport):
    """A transport over plain connections, with as much of HTTP as the mock uses.

    A request takes the connection that was used last, or a new one where all are in use. One that
    was not answered whole is closed: what it would answer next is not known.
    """

    def __init__(self, *, timeout_s: float, **options: Any) -> None:
        super().__init__(timeout_s=timeout_s, **options)
        self._timeout_s = timeout_s
        self._idle: list[socket.socket] = []
        self._has_failed = False

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()
        super().close()

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        lines = [f"{method} {path} HTTP/1.1", f"host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"content-length: {len(content or b'')}")
        head = "\r\n".join(lines).encode("latin-1")
        try:
            with self._connected(parts.hostname or "", parts.port or 80) as connection:
                connection.sendall(head + END + (content or b""))
                return _answer(connection)
        except OSError as cause:
            if not self._has_failed:  # a process that ends closes its connections first
                self._has_failed = True
                time.sleep(END_WITHIN_S)
            self._give_up_if_gone()
            raise NotReached(f"{method} {url} was not answered: {cause}") from cause

    @contextmanager
    def _connected(self, host: str, port: int) -> Iterator[socket.socket]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = socket.create_connection((host, port), timeout=self._timeout_s)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)


def _answer(connection: socket.socket) -> Response:
    got = _more(connection)
    while END not in got:
        got += _more(connection)
    head, _, body = got.partition(END)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    missing = int(headers.get("content-length", 0)) - len(body)
    while missing > 0:
        more = _more(connection)
        body, missing = body + more, missing - len(more)
    return read(int(first.split(" ", 2)[1]), headers, content=body)


def _more(connection: socket.socket) -> bytes:
    more = connection.recv(CHUNK_BYTES)
    if not more:
        raise ConnectionResetError("the mock closed the connection")
    return more
