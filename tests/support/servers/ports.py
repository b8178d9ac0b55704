"""A port that nobody else is given while a test uses it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """Yield a port of the loopback address at which nobody listens.

    A server that sets SO_REUSEADDR, as ours do, may listen at it. The system gives it to nobody
    who asks for any port: it stays bound. A port that is only looked up may be given away before
    it is used, and again once its server has ended.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
