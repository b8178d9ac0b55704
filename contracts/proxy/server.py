"""The proxy's own server: waitress in a thread, with its refusals in an envelope."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, Self

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from duologue.contracts.errors import ProxyNotStarted
from duologue.contracts.http.connection import MAX_ANSWER_BYTES

STOP_WITHIN_S = 5.0
CONNECTIONS = 1000
Application = Callable[..., Iterable[bytes]]


class _ProxyErrorTask(ErrorTask):  # type: ignore[misc]
    """Waitress's own refusals, such as a body that is too long, as JSON."""

    def execute(self) -> None:
        """Send the error and close the connection."""
        error = self.request.error
        text = " ".join(f"contracts proxy: {error.reason}: {error.body}".split())
        error.to_response = partial(_enveloped, f"{error.code} {error.reason}", text)
        super().execute()


def _enveloped(status: str, text: str, _: object = None) -> tuple[str, list[Any], bytes]:
    body = json.dumps({"error": {"code": "ERR_BAD_REQUEST", "message": text}}).encode()
    return status, [("Content-Type", "application/json")], body


class _ProxyChannel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _ProxyErrorTask


class ProxyServer:
    """Serves an application from a thread: ``with ProxyServer(app, host, port=0) as server``."""

    def __init__(self, app: Application, host: str, *, port: int, threads: int) -> None:
        self._app, self._host, self._port, self._threads = app, host, port, threads
        self._server: Any = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        """Return where it listens, as ``http://127.0.0.1:8081``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.effective_port}"

    def start(self) -> None:
        """Open the port, a free one for 0; raise ProxyNotStarted where it cannot be opened."""
        try:
            self._server = waitress.create_server(
                self._app,
                host=self._host,
                port=self._port,
                threads=self._threads,
                asyncore_use_poll=True,
                connection_limit=CONNECTIONS,
                max_request_body_size=MAX_ANSWER_BYTES,
                clear_untrusted_proxy_headers=False,
                ident=None,
            )
        except (OSError, ValueError) as cause:
            raise ProxyNotStarted(self._host, self._port, str(cause)) from cause
        self._server.channel_class = _ProxyChannel
        self._thread = Thread(target=self._server.run, name="proxy", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and free the port."""
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        # The sockets belong to the loop's thread, so that thread closes them; if the loop is awake,
        # it may have closed the trigger before this write.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        self._thread.join(STOP_WITHIN_S)
        server.task_dispatcher.shutdown(timeout=1)
