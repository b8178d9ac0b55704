"""The port of the socket: one thread with an event loop for all clients of all worlds.

Until the first client comes, the thread waits for the port alone: the loop and the library that
speaks the protocol are imported only then, so a mock whose socket nobody uses pays nothing.
"""

from __future__ import annotations

import socket
import threading
from select import POLLIN, poll
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from duologue.mockserver.socket.hub import HubOf
    from duologue.mockserver.socket.loop import SocketLoop

STOP_WITHIN_S = 2.0


class SocketServer:
    """Serves the socket from a thread: ``with SocketServer(sock, hub_of)``."""

    def __init__(
        self, sock: socket.socket, hub_of: HubOf, context: ssl.SSLContext | None = None
    ) -> None:
        self._sock = sock
        self._hub_of = hub_of
        self._context = context
        self._loop: SocketLoop | None = None
        self._changing = threading.Lock()
        self._is_stopped = False
        self._waker, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="socket port", daemon=True)

    def __enter__(self) -> SocketServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all connections and the port, at the latest a little later on a loaded machine.

        The thread closes what it uses: closed by another one, it would be missing to a loop that
        has not begun yet.
        """
        with self._changing:
            self._is_stopped = True
            if self._loop is not None:
                self._loop.stop()
        self._waker.close()
        self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        with self._sock, self._woken:
            if self._client_comes():
                self._serve()

    def _serve(self) -> None:
        from duologue.mockserver.socket.loop import SocketLoop  # noqa: PLC0415  takes 0.1 s

        with self._changing:
            if self._is_stopped:
                return
            self._loop = SocketLoop(self._sock, self._hub_of, self._context)
        self._loop.run()

    def _client_comes(self) -> bool:
        """Wait for the first client; return False if the server is stopped before."""
        ports = poll()
        ports.register(self._sock, POLLIN)
        ports.register(self._woken, POLLIN)
        ready = {descriptor for descriptor, _ in ports.poll()}
        return self._woken.fileno() not in ready
