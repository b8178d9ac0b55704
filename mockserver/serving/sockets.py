"""The socket that a mock listens on.

Apart from the server, whose import is slow: a port in use is reported before it is imported.
"""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import ExitStack, suppress
from typing import Any

from duologue.mockserver.domain.errors import MockserverError

BACKLOG = 1024
_REASONS = {
    errno.EADDRINUSE: "the port is in use; choose another one, or 0 for any free port",
    errno.EACCES: "this user may not use that port; choose one from 1024 up",
    errno.EADDRNOTAVAIL: "the host is not an address of this machine; try 127.0.0.1",
}


class AddressUnusable(MockserverError):
    """The mock cannot listen on this host and port."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        self.reason = reason
        super().__init__(f"Cannot listen on {host}:{port}: {reason}")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; a client that connects before the app is ready waits.

    Raise AddressUnusable if the port is in use or the host is not an address of this machine.
    """
    try:
        # As bytes: for text Python imports its codec of international names, which takes 2 ms.
        name = host.encode() if host.isascii() else host
        family, kind, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
        # No SO_REUSEPORT: with it a second mock would share the port without an error.
        sock = _bound(family, kind, address)
    except (socket.gaierror, UnicodeError) as error:  # unknown, or no host name
        raise AddressUnusable(host, port, "the host has no address; try 127.0.0.1") from error
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise AddressUnusable(host, port, reason) from error
    _begin(sock)
    return sock


def _bound(family: int, kind: int, address: Any, *, is_shared: bool = False) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it; without it Nagle and delayed ACK add 44 ms per response.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if is_shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _begin(sock: socket.socket) -> None:
    sock.listen(BACKLOG)
    sock.setblocking(False)


def spread(sock: socket.socket, count: int) -> list[socket.socket]:
    """Return a listening socket for each of so many workers; the first is `sock`.

    All have the same port, and Linux spreads the connections over them. With one socket for all,
    the worker that was awake took up to 64 of 64 connections that came at once, and the others
    were idle. Where the system does not spread them, all workers have the same socket.
    """
    with ExitStack() as opened, suppress(OSError):  # some sandboxes of Linux refuse it
        if sys.platform == "linux":
            # Not before the port is this mock's: another one that asks for it still gets an error.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            twins = [opened.enter_context(_twin(sock)) for _ in range(count - 1)]
            opened.pop_all()
            return [sock, *twins]
    return [sock] * count


def _twin(sock: socket.socket) -> socket.socket:
    twin = _bound(sock.family, sock.type, sock.getsockname(), is_shared=True)
    _begin(twin)
    return twin
