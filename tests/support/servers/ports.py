"""A port that stays free until the test uses it."""

from __future__ import annotations

import os
import socket

# Below the ports that Linux and macOS give to those who ask for any.
FIRST, LAST = 20_000, 32_000


def free_port() -> int:
    """Return a free port of the loopback address that no other process is given by chance.

    One that the system has given and got back may be given to anybody before it is used again.
    """
    for port in range(FIRST + os.getpid() % (LAST - FIRST), LAST + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port up to {LAST} is free")
