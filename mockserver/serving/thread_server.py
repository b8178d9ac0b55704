"""A mock in a thread of this process: for fixtures, tests and notebooks.

Of the servers in pure Python, Waitress answers a single client fastest; it starts in about 5 ms and
stops in 1 ms. The command line uses a faster server (``granian_server``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, Self

import waitress
from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from duologue.mockserver.domain.limits import DRAINED_BYTES, HEADER_BYTES
from duologue.mockserver.http.flask_responses import CORS
from duologue.mockserver.http.traffic.broken_answers import CutOff
from duologue.mockserver.settings import LOOPBACK, addresses

STOP_WITHIN_S = 5.0
CONNECTIONS = 1000  # waitress accepts no more of them meanwhile; its default is 100


class _ErrorTask(ErrorTask):  # type: ignore[misc]
    """Waitress's own refusals (400, 413, 431, 501) in the envelope of the API."""

    def execute(self) -> None:
        """Send the error as JSON and close the connection."""
        error = self.request.error
        if error.code < 500 or error.code == 501:
            text = " ".join(f"{error.reason}: {error.body}".split())
            error.to_response = partial(_enveloped, f"{error.code} {error.reason}", text)
        super().execute()


def _enveloped(status: str, text: str, _: object = None) -> tuple[str, list[Any], bytes]:
    body = json.dumps({"error": {"code": "ERR_BAD_REQUEST", "message": text}}).encode()
    return status, [("Content-Type", "application/json"), *CORS], body


class _Task(WSGITask):  # type: ignore[misc]
    """A request; an answer that is cut off on demand ends its connection without a 500."""

    def execute(self) -> None:
        """Answer; close the connection where the answer asks for it."""
        try:
            super().execute()
        except CutOff as problem:
            raise ClientDisconnected from problem


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Waitress's parser, which ends the connection without an answer for `GET http://[::1/v3`."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the start line and the headers; raise ParsingError if they are invalid."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # of urllib: what stands in brackets is no address
            raise ParsingError("Bad URI") from error


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    task_class = _Task
    error_task_class = _ErrorTask


DELAYING_THREADS = 256  # once a request is delayed, which holds its thread


class LiveServer:
    """A server in a thread: ``with LiveServer(app) as server`` serves the app at ``server.url``."""

    def __init__(
        self, app: Callable[..., Any], *, host: str = LOOPBACK, port: int = 0, threads: int = 4
    ) -> None:
        self._app = app
        self._listen = {"host": host, "port": port, "threads": threads}
        self.on_stop: Callable[[], None] = lambda: None  # called before the connections are closed
        self._server: Any = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Return the base URL of the API with its version path; RuntimeError if not running."""
        return addresses(*self._bound).url

    @property
    def control(self) -> str:
        """Return the base URL of the control plane; RuntimeError if not running."""
        return addresses(*self._bound).control

    def start(self) -> None:
        """Open the port (a free one for 0) and serve from a thread; the port is open on return."""
        # poll(), because select() fails on file descriptors from 1,024 up.
        self._server = waitress.create_server(
            self._app,
            asyncore_use_poll=True,
            connection_limit=CONNECTIONS,
            max_request_header_size=HEADER_BYTES,
            max_request_body_size=DRAINED_BYTES,
            **self._listen,
        )
        self._server.channel_class = _Channel
        self._thread = Thread(target=self._server.run, name="mockserver", daemon=True)
        self._thread.start()

    def give_way(self, wait: Callable[[float], object], seconds: float) -> None:
        """Wait in a thread of the server, with threads enough for other requests."""
        if self._server is not None:
            self._server.task_dispatcher.set_thread_count(DELAYING_THREADS)
        wait(seconds)

    def stop(self) -> None:
        """Close all connections and free the port; do nothing if the server does not run."""
        if self._server is None or self._thread is None:
            return
        self.on_stop()
        server, self._server = self._server, None
        # Not server.close(): run() would loop as long as a client keeps its connection open.
        # The sockets belong to the loop's thread, so that thread closes them.
        # If the loop is awake, it may have closed the trigger before this write.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        self._thread.join(STOP_WITHIN_S)
        server.task_dispatcher.shutdown(timeout=1)

    @property
    def _bound(self) -> tuple[str, int]:
        if self._server is None:
            raise RuntimeError(
                "the server is not running: use it in a 'with' block or call start() first"
            )
        return self._server.effective_host, self._server.effective_port
