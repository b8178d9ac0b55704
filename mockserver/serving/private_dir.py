"""A private directory for the state of one process, removed with it."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

from duologue.mockserver.errors import NoPrivateDirectory

_MEMORY = Path("/dev/shm")  # noqa: S108 - the parent of a private directory, never written itself
_PREFIX = "mockserver-"
_GUARD = threading.Lock()


@contextmanager
def private_directory() -> Iterator[Path]:
    """Yield a new directory, in memory if the system offers that; remove it after the block.

    First remove the directories that killed processes left. Raise NoPrivateDirectory.
    """
    with _GUARD:
        try:
            path = _take(_claims(os.getpid()))
        except OSError as cause:
            raise NoPrivateDirectory(cause.strerror or str(cause)) from cause
    try:
        yield path
    finally:
        with _GUARD:  # a forked process removes nothing of its parent's
            _claims(os.getpid()).give_back(path)


def _take(claims: _Claims) -> Path:
    """Return a new directory; leave none behind if a signal comes."""
    try:
        return claims.take()
    except BaseException:
        claims.end_unless_taken()
        raise


@cache
def _claims(_: int) -> _Claims:
    # Both kinds of lock never meet in one place: neither sees the other's.
    in_memory = _has_fcntl() and os.access(_MEMORY, os.W_OK)
    return _Claims(_MEMORY if in_memory else Path(tempfile.gettempdir()))


def _has_fcntl() -> bool:
    try:
        import fcntl  # noqa: F401, PLC0415  see `lock`
    except ImportError:
        return False
    return True


class _Claims:
    """One directory of this process; its lock shows others that the process is alive.

    One lock serves everything in it: a test run has a thousand states, and as many open files are
    too many for code that waits for them with `select`.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._base: Path | None = None
        self._unlock: Callable[[], None] | None = None
        self._taken: set[Path] = set()

    def take(self) -> Path:
        """Return a new directory."""
        if self._base is None:
            for old in self._parent.glob(f"{_PREFIX}*"):
                _remove_orphan(old)
            # It gets its name once it is locked, so that no process takes it for an orphan.
            made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}{os.getpid()}-", dir=self._parent))
            self._unlock = lock(made)
            self._base = made.with_name(made.name.removeprefix("."))
            made.rename(self._base)
        path = Path(tempfile.mkdtemp(dir=self._base))
        self._taken.add(path)
        return path

    def give_back(self, path: Path) -> None:
        """Remove a directory; with the last one remove the base and its lock."""
        if path not in self._taken:
            return
        shutil.rmtree(path, ignore_errors=True)
        self._taken.remove(path)
        self.end_unless_taken()

    def end_unless_taken(self) -> None:
        """Remove the base and its lock if no directory in it is taken."""
        if not self._taken and self._base is not None and self._unlock is not None:
            shutil.rmtree(self._base, ignore_errors=True)
            self._unlock()
            self._base = self._unlock = None


def _remove_orphan(path: Path) -> None:
    # One of another user cannot be opened; one that is just removed cannot be locked.
    with suppress(OSError):
        unlock = lock(path)
        shutil.rmtree(path, ignore_errors=True)
        unlock()


def lock(directory: Path) -> Callable[[], None]:
    """Lock a directory until the returned function is called or all processes that have it end.

    Raise OSError if another process has locked it.
    """
    try:
        # Not filelock: its import takes 26 ms, a tenth of a start, and this module's 0.2 ms.
        import fcntl  # noqa: PLC0415  some systems have none
    except ImportError:
        return _lock_with_file(directory)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return partial(os.close, descriptor)


def _lock_with_file(directory: Path) -> Callable[[], None]:
    """Lock a file beside the directory, whose name may change and whose content may be removed."""
    from filelock import FileLock, Timeout  # noqa: PLC0415

    name = directory.name.removeprefix(".")
    held = FileLock(directory.with_name(f".{name}.lock"), timeout=0)
    try:
        held.acquire()
    except Timeout as error:
        raise OSError(str(error)) from error

    def unlock() -> None:
        held.release()
        with suppress(OSError):
            Path(held.lock_file).unlink()

    return unlock
