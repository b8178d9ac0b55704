"""A gateway in front of a server: what stands between a tester and staging, with its moods.

``Gateway(upstream)`` forwards every request; a ``Plan`` decides, request by request, what happens
instead. Plans count requests or look at the clock that they are given. Of connections beyond
``most_connections`` it takes none, or lets them wait until another one ends (``others_wait``).
"""

from __future__ import annotations

import gzip
import http.client
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Seen:
    """One request as the gateway sees it; ``number`` counts from 1."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]


Action = Callable[["Handler"], None]
Plan = Callable[[Seen], Action | None]


class Handler(BaseHTTPRequestHandler):
    """Asks the plan, then forwards or does what the plan says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    gateway: Gateway

    def handle_one(self) -> None:
        """Answer one request of whatever method."""
        self.content = self.rfile.read(int(self.headers.get("content-length") or 0))
        action = self.gateway.decide(self)
        if action is None:
            self.forward()
        else:
            action(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = handle_one  # noqa: N815

    def forward(self) -> None:
        """Pass the request on, and the answer back."""
        status, headers, body = self.gateway.ask(self)
        self.write(status, body, **headers)

    def write(self, status: int, body: bytes, **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@dataclass
class Gateway:
    """The gateway's settings, and what it saw."""

    upstream: str
    plan: Plan = lambda _: None
    prefix: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    most_connections: int | None = None
    others_wait: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _local: threading.local = field(default_factory=threading.local)

    def decide(self, handler: Handler) -> Action | None:
        """Return what to do with a request, None to pass it on."""
        number = next(self._numbers)
        seen = Seen(number, handler.command, handler.path, dict(handler.headers.items()))
        self.seen.append(seen)
        for name, value in self.headers.items():
            if handler.headers.get(name) != value:
                return html(403, "<html><body>Forbidden by gateway</body></html>")
        if not handler.path.startswith(self.prefix):
            return html(404, "<html><body>no such route</body></html>")
        return self.plan(seen)

    def ask(self, handler: Handler) -> tuple[int, dict[str, str], bytes]:
        """Return the upstream's answer to a request."""
        parts = urlsplit(self.upstream)
        link = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
        path = parts.path + handler.path.removeprefix(self.prefix)
        kept = {n: v for n, v in handler.headers.items() if n.lower() not in HOP_BY_HOP | {"host"}}
        try:
            link.request(handler.command, path, body=handler.content or None, headers=kept)
            answer = link.getresponse()
            body = answer.read()
        finally:
            link.close()
        left_out = HOP_BY_HOP | {"server", "date"}
        headers = {n: v for n, v in answer.getheaders() if n.lower() not in left_out}

        return answer.status, headers, body

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        """Serve, and yield the address of the gateway with its prefix."""
        handler = type("Bound", (Handler,), {"gateway": self})
        with _Server(("127.0.0.1", 0), handler) as server:
            server.most_connections = None if self.others_wait else self.most_connections
            if self.others_wait:
                server.places = threading.BoundedSemaphore(self.most_connections or 1)
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            scheme = "https" if tls else "http"
            try:
                yield f"{scheme}://localhost:{server.server_address[1]}{self.prefix}"
            finally:
                server.shutdown()
                thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    most_connections: int | None = None
    places: AbstractContextManager[Any] = nullcontext()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open = 0
        self._lock = threading.Lock()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse a connection past the most that the gateway takes."""
        with self._lock:
            if self.most_connections is not None and self._open >= self.most_connections:
                return False
            self._open += 1
        return True

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Count the connection until it ends; where others wait, let it wait for a place."""
        try:
            with self.places:
                super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._open -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that go away."""


# -- actions -------------------------------------------------------------------------------------


def html(status: int, text: str, **headers: str) -> Action:
    """Answer with a page, as gateways do."""
    return lambda handler: handler.write(
        status, text.encode(), **{"Content-Type": "text/html", **headers}
    )


def raw(content: bytes) -> Action:
    """Send these bytes in place of an answer, and close the connection."""

    def action(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(content)

    return action


def drop(handler: Handler) -> None:
    """Reset the connection before a byte of an answer."""
    handler.close_connection = True
    _reset(handler)


def drop_after_forwarding(handler: Handler) -> None:
    """Let the server do it, and reset before a byte of the answer."""
    handler.gateway.ask(handler)
    drop(handler)


def close_after(handler: Handler) -> None:
    """Answer as if the connection stayed open, then close it."""
    handler.forward()
    handler.wfile.flush()
    handler.close_connection = True


def close_late(handler: Handler) -> None:
    """Answer as if the connection stayed open, then close it when the next request is under way."""
    handler.forward()
    handler.wfile.flush()
    time.sleep(0.002)
    handler.close_connection = True


def hang(seconds: float) -> Action:
    """Give no answer for so long."""

    def action(handler: Handler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return action


def trickle(handler: Handler) -> None:
    """Send a head, and then a byte every 20 ms for ever."""
    _forever(handler, b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b" ", pause_s=0.02)


def trickle_head(handler: Handler) -> None:
    """Send the head byte by byte for ever."""
    _forever(handler, b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", pause_s=0.02)


def endless(handler: Handler) -> None:
    """Send a body without end, as fast as it goes."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    _forever(handler, head, b" " * 65536)


def _forever(handler: Handler, head: bytes, piece: bytes, *, pause_s: float = 0) -> None:
    """Send a beginning, and then the piece again and again until the client goes away."""
    handler.close_connection = True
    with suppress(OSError):
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause_s)


def gzip_bomb(handler: Handler) -> None:
    """Send 100 KB that unpack to 100 MB."""
    body = gzip.compress(b" " * 100_000_000, compresslevel=9)
    handler.write(200, body, **{"Content-Type": "application/json", "Content-Encoding": "gzip"})


def continues(handler: Handler) -> None:
    """Send 100 Continue without end."""
    handler.close_connection = True
    with suppress(OSError):
        while True:
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def early_hints_first(handler: Handler) -> None:
    """Send 103 before the answer."""
    handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    handler.forward()


def _reset(handler: Handler) -> None:
    with suppress(OSError):
        handler.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
    with suppress(OSError):
        handler.connection.close()


# -- plans ---------------------------------------------------------------------------------------


def every(nth: int, action: Action) -> Plan:
    """Do ``action`` with every nth request."""
    return lambda seen: action if seen.number % nth == 0 else None


def between(first: int, last: int, action: Action) -> Plan:
    """Do ``action`` with the requests of these numbers."""
    return lambda seen: action if first <= seen.number <= last else None


def always(action: Action, *, method: str | None = None, ending: str = "") -> Plan:
    """Do ``action`` with all requests of a method whose path has this ending."""
    return lambda seen: (
        action
        if (method in (None, seen.method) and seen.path.partition("?")[0].endswith(ending))
        else None
    )
