"""The fast server of the command line: granian, on a socket that is ours, in this very process.

Granian's usual ``Server`` forks a worker, which stays behind and keeps the port when its parent is
killed (seen with 2.8.7), and it cannot say which port it got for port 0. Its threaded server runs
the same worker in a thread; three methods of it are replaced here and nothing else is touched.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from granian import net
from granian.constants import Interfaces
from granian.server.mt import MTServer

from mockserver.domain.errors import MockserverError

BACKLOG = 1024
BLOCKING_THREADS = 4  # the best of those measured; more only wait for the interpreter
STOP_WITHIN_S = 0.7  # leaves the rest of a second for what has to be cleared away

_MEMORY = Path("/dev/shm")  # noqa: S108 - the parent of a private directory, never written itself
_REASONS = {
    errno.EADDRINUSE: "the port is taken; choose another one, or 0 for any that is free",
    errno.EACCES: "this user may not take that port; choose one from 1024",
    errno.EADDRNOTAVAIL: "the host is no address of this machine; try 127.0.0.1",
}


class AddressUnusable(MockserverError):
    """There is no listening on that host and port."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        self.reason = reason
        super().__init__(f"Cannot listen on {host}:{port}: {reason}")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; who calls before an app is ready waits, and is answered.

    Raises AddressUnusable where the port is taken or the host is none of this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind)
        # No SO_REUSEPORT: with it a second mock would share the port without a word.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except socket.gaierror as error:
        raise AddressUnusable(host, port, "the host has no address; try 127.0.0.1") from error
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise AddressUnusable(host, port, reason) from error
    sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock


def serve(app: Callable[..., Any], sock: socket.socket, *, on_ready: Callable[[], None]) -> bool:
    """Answer on the socket until SIGINT or SIGTERM; False if a request was still being answered.

    The socket is closed afterwards. ``on_ready`` is called from another thread once a first
    request has been answered.
    """
    probe = Thread(target=_call_when_answering, args=(sock.getsockname(), on_ready), daemon=True)
    server = _Server(sock)
    server.on_startup(probe.start)
    server.serve(target_loader=lambda: app, wrap_loader=False)
    return server.is_idle


@contextmanager
def private_directory() -> Iterator[Path]:
    """A directory of our own, in memory where the system has such a place, gone with the block."""
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="mockserver-", dir=memory))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class _Server(MTServer):
    """Granian's threaded server, on an open socket and with a bound to how long it stops."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(
            "mockserver",
            interface=Interfaces.WSGI,
            blocking_threads=BLOCKING_THREADS,
            backlog=BACKLOG,
            websockets=False,
            log_enabled=False,  # it logs to stdout, which is the URL's alone
        )
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


def _call_when_answering(address: tuple[Any, ...], on_ready: Callable[[], None]) -> None:
    """Ask once, by bare socket (an HTTP client takes 15 ms to import), and wait for the answer."""
    host, port = address[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    with socket.create_connection((local, port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: mockserver\r\nConnection: close\r\n\r\n")
        if client.recv(1):
            on_ready()
