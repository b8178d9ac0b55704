"""The ports that a mock listens on: the API's, and the socket's if it has one."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from duologue.mockserver.http.client_settings import SocketSettings
from duologue.mockserver.socket.server import SocketServer

if TYPE_CHECKING:
    import ssl

    from duologue.mockserver.app import Inside
    from duologue.mockserver.serving.certificates import ServerCertificate


class Ports(NamedTuple):
    """Listening ports; with a certificate both speak TLS."""

    api: socket.socket
    socket: socket.socket | None = None
    certificate: ServerCertificate | None = None

    def client_settings(self, reached_at: str) -> dict[str, Any]:
        """Return what leads a client that came by this host to the socket.

        The vendor's SDK speaks TLS alone, so without it there is no way.
        """
        if self.socket is None or self.certificate is None:
            return {}
        return SocketSettings(self.socket.getsockname()[1])(reached_at)

    def serving_socket(self, parts: Inside) -> AbstractContextManager[object]:
        """Return what serves the socket of a mock as long as its block runs."""
        if self.socket is None:
            return nullcontext()
        return SocketServer(self.socket, parts.hub_of, self._context())

    def _context(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        import ssl  # noqa: PLC0415  takes 10 ms

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        return context
