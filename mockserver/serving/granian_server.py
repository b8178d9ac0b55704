"""The server of the command line: granian, on an open socket, in this process.

Granian's usual ``Server`` forks a worker, which keeps running and keeps the port when its parent is
killed (seen with 2.8.7), and it cannot tell which port it got for port 0. Its threaded server runs
the same worker in a thread; three of its methods are replaced here.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from granian import net
from granian.constants import Interfaces
from granian.server.mt import MTServer

from duologue.mockserver.serving.sockets import BACKLOG

BLOCKING_THREADS = 4  # the best of those measured; more only wait for the interpreter
STEP_S = 0.5  # how late a signal may be attended to that has slipped through
STOP_WITHIN_S = 0.7  # leaves the rest of a second for what has to be cleared away


def serve(app: Callable[..., Any], sock: socket.socket, *, on_ready: Callable[[], None]) -> bool:
    """Answer on the socket until SIGINT or SIGTERM; False if a request was still being answered.

    The socket is closed afterwards. ``on_ready`` is called from another thread once a first
    request has been answered.
    """
    probe = Thread(target=_call_when_answering, args=(sock.getsockname(), on_ready), daemon=True)
    server = _Server(sock)
    server.on_startup(probe.start)
    server.serve(target_loader=lambda: _on_one_core(app), wrap_loader=False)
    return server.is_idle


class _Server(MTServer):
    """Granian's threaded server on an open socket, with a bound on the time to stop."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(
            "mockserver",
            interface=Interfaces.WSGI,
            blocking_threads=BLOCKING_THREADS,
            backlog=BACKLOG,
            websockets=False,
            log_enabled=False,  # it logs to stdout, which is the URL's alone
        )
        self.main_loop_interrupt = _Alarm()
        self._open_socket = sock
        self.is_idle = True

    def _check_gil(self) -> None:
        """Run with the interpreter's lock too: the threads that answer are the same."""

    def _init_shared_socket(self) -> None:
        # Detached, since the worker closes it when it ends. The type stub lags behind the class.
        holder: Any = net.SocketHolder  # type: ignore[attr-defined]
        self._shd: Any = holder(self._open_socket.detach(), False, BACKLOG)

    def _stop_workers(self) -> None:
        worker: Any
        for worker in self.wrks:
            worker.terminate()
            worker.join(STOP_WITHIN_S)
            self.is_idle = self.is_idle and not worker.inner.is_alive()
        self.wrks.clear()


class _Alarm(threading.Event):
    """An event that is waited for in steps.

    A signal that comes just as the main thread begins to wait, or to another thread, is handled at
    the next step; without steps the wait never ended (seen twice in some 15,000 tests).
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Return True once it is set, False after `timeout` seconds."""
        while not super().wait(STEP_S if timeout is None else timeout):
            if timeout is not None:
                return False
        return True


def _on_one_core(app: Callable[..., Any]) -> Callable[..., Any]:
    """Return the app with its threads kept on one core, where the system can do that.

    Only one thread runs Python at a time. On several cores they compete for the interpreter at each
    step into the database, with cold caches: a request costs nearly twice the CPU time (four
    threads on two cores: a list of 25 takes 295 us instead of 180, a PUT 670 instead of 410).
    """
    if not hasattr(os, "sched_setaffinity"):
        return app
    cores = sorted(os.sched_getaffinity(0))
    core = cores[os.getpid() % len(cores)]  # several mocks take several cores
    mine = threading.local()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if not hasattr(mine, "core"):
            with suppress(OSError):  # a core that was taken from this process meanwhile
                os.sched_setaffinity(0, {core})  # of this thread alone
            mine.core = core
        return app(environ, start)

    return answer


def _call_when_answering(address: tuple[Any, ...], on_ready: Callable[[], None]) -> None:
    """Ask once, by bare socket (an HTTP client takes 15 ms to import), and wait for the answer."""
    host, port = address[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    with socket.create_connection((local, port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: mockserver\r\nConnection: close\r\n\r\n")
        if client.recv(1):
            on_ready()
