"""What a running mock takes up on its machine: a port, and a directory for a private state.

Apart from the server, whose import takes long: a port that is taken is said to be so at once.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from duologue.mockserver.domain.errors import MockserverError

BACKLOG = 1024
_MEMORY = Path("/dev/shm")  # noqa: S108 - the parent of a private directory, never written itself
_PREFIX = "mockserver-"
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
        # Accepted connections inherit it; without, Nagle and delayed ACK make 44 ms of each answer.
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


@contextmanager
def private_directory() -> Iterator[Path]:
    """A directory of our own, in memory where the system has such a place, gone with the block.

    Directories whose processes were killed are cleared away first: memory is nobody's attic.
    """
    with _GUARD:
        path = _claims(os.getpid()).take()
    try:
        yield path
    finally:
        with _GUARD:  # a forked process gives back nothing of its parent's
            _claims(os.getpid()).give_back(path)


_GUARD = threading.Lock()


@cache
def _claims(_: int) -> _Claims:
    return _Claims(_MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir()))


class _Claims:
    """One directory of this process, whose lock tells others that the process lives.

    One lock for all that is in it: a test run has a thousand states, and as many open files would
    be too many for whoever waits for them by `select`.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._baseline: Path | None = None
        self._lock: int | None = None
        self._taken: set[Path] = set()

    def take(self) -> Path:
        """A new directory."""
        if self._baseline is None:
            for old in self._parent.glob(f"{_PREFIX}*"):
                _remove_orphan(old)
            # Under its own name only once it is locked, so that nobody takes it for an orphan.
            made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}{os.getpid()}-", dir=self._parent))
            self._lock = _locked(made)
            self._baseline = made.rename(made.with_name(made.name.removeprefix(".")))
        path = Path(tempfile.mkdtemp(dir=self._baseline))
        self._taken.add(path)
        return path

    def give_back(self, path: Path) -> None:
        """Remove a directory; with the last one goes all there is."""
        if path not in self._taken:
            return
        shutil.rmtree(path, ignore_errors=True)
        self._taken.remove(path)
        if not self._taken and self._baseline is not None and self._lock is not None:
            shutil.rmtree(self._baseline, ignore_errors=True)
            os.close(self._lock)
            self._baseline = self._lock = None


def _remove_orphan(path: Path) -> None:
    # One of another user cannot be opened; one that goes just now is not there to be locked.
    with suppress(OSError):
        lock = _locked(path)
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _locked(directory: Path) -> int:
    """The directory's lock, which goes with the last process that has it; or raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
