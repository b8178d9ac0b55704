"""The socket that a mock listens on.

Apart from the server, whose import is slow: a port in use is reported before it is imported.
"""

from __future__ import annotations

import errno
import socket

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
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind)
        # No SO_REUSEPORT: with it a second mock would share the port without an error.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it; without it Nagle and delayed ACK add 44 ms per response.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind(address)
    except socket.gaierror as error:
        raise AddressUnusable(host, port, "the host has no address; try 127.0.0.1") from error
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise AddressUnusable(host, port, reason) from error
    sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock
