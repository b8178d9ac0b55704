"""The settings that lead the vendor's clients to the socket.

A client that has any settings builds all its addresses from them, so they name the API as well, by
the host that the client came by.
"""

from __future__ import annotations

from typing import Any

from duologue.mockserver.http.traffic.world_prefix import PREFIX

API_VERSION = "v3"
_APP_VERSION = 4  # of the vendor's chat API; a client logs in again if it finds an older one


class SocketSettings:
    """The settings of a mock whose socket listens on a port of the same host."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, reached_at: str) -> dict[str, Any]:
        """Return the settings for a client that came by this host, port and world."""
        authority, _, rest = reached_at.partition("/")
        world = f"/{rest}" if rest else ""
        return {
            "CLIENT_API_HOST": reached_at,
            "ADMIN_API_HOST": reached_at,
            "CHAT_API_VERSION": API_VERSION,
            "CHAT_HOST": _without_port(authority),
            # The client writes host, colon and this text: a path after the port names the world.
            "CHAT_WSS_PORT": f"{self._port}{world}",
            "CHAT_USE_SSL": True,
            "WS_API_VERSION": "v3.0",
            "APP_VERSION": _APP_VERSION,
            "MODE": "DEFAULT",
            "REGION": "us",
            "POLLING_ENABLED": False,
            "ANALYTICS_PING_DISABLED": True,
            "extensions": [],
        }


def _without_port(authority: str) -> str:
    """Return the host of `host:port`; an IPv6 address keeps its brackets."""
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def world_in(path: str) -> str | None:
    """Return the name of the world in the path of a socket; None for the mock's own.

    Raise ValueError for any other path.
    """
    if path in {"", "/"}:
        return None
    if not path.startswith(PREFIX):
        raise ValueError(path)
    return path[len(PREFIX) :].rstrip("/")
