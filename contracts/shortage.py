"""Whether an error says that this machine gives the suite too little to run with."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from duologue.contracts.errors import EndedBySystem

SHORT_OF = {
    errno.EMFILE: "this process may have no more files open: raise 'ulimit -n' or lower --workers",
    errno.ENFILE: "this machine may have no more files open: end what has many",
    errno.ENOMEM: "this machine has no memory left: give it more, or lower --workers",
}
THREADS = (
    "this process may start no more threads or processes: raise 'ulimit -u' or the limit of its"
    " container, or lower --workers"
)


def shortage_of(error: BaseException) -> str:
    """Return what there is too little of, with what helps; empty for any other error."""
    return next(filter(None, map(_shortage_of_one, _chain(error))), "")


def _shortage_of_one(error: BaseException) -> str:
    if isinstance(error, EndedBySystem):
        return str(error)
    if isinstance(error, MemoryError):
        return SHORT_OF[errno.ENOMEM]
    is_no_thread = isinstance(error, RuntimeError) and "start new thread" in str(error)
    # A fork has written nothing, a pipe that is full some characters.
    is_no_process = isinstance(error, BlockingIOError) and not hasattr(error, "characters_written")
    if is_no_thread or is_no_process:
        return THREADS
    return SHORT_OF.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__  # what merely came before may be another matter
