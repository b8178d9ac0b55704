"""A mock in a thread of this process: for fixtures, tests and notebooks.

Waitress answers a single client faster than any other pure Python server, starts in some 5 ms and
stops in 1; the command line uses a faster one (``granian_server``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, Self

import waitress
from waitress import wasyncore

from duologue.mockserver.settings import LOOPBACK, addresses

STOP_WITHIN_S = 5.0


class LiveServer:
    """Serve an app at ``server.url`` within ``with LiveServer(app) as server``."""

    def __init__(
        self, app: Callable[..., Any], *, host: str = LOOPBACK, port: int = 0, threads: int = 4
    ) -> None:
        self._app = app
        self._listen = {"host": host, "port": port, "threads": threads}
        self._server: Any = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Return the address of the API with its version path; only while the server runs."""
        return addresses(*self._bound).url

    @property
    def control(self) -> str:
        """Return the address of the control plane; only while the server runs."""
        return addresses(*self._bound).control

    def start(self) -> None:
        """Take a port (a free one for 0) and answer from a thread; the port is held on return."""
        # Not by select(), which knows no file beyond the 1,024th that a process has open.
        self._server = waitress.create_server(self._app, asyncore_use_poll=True, **self._listen)
        self._thread = Thread(target=self._server.run, name="mockserver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and free the port; a server that does not run stays so."""
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        # Not server.close(): that leaves run() looping while a client keeps its connection open.
        # The sockets belong to the loop's thread, so that thread is asked to close them.
        # Awake already, the loop may have closed the trigger too before it is written to.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        self._thread.join(STOP_WITHIN_S)
        server.task_dispatcher.shutdown(timeout=1)

    @property
    def _bound(self) -> tuple[str, int]:
        if self._server is None:
            raise RuntimeError(
                "the server does not run: enter it with 'with' or call start() first"
            )
        return self._server.effective_host, self._server.effective_port
