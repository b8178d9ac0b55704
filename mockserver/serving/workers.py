"""Several worker processes that serve one socket and share one state.

The parent only supervises. Workers end with it, even if it is killed: each one reads from a pipe
that only the parent can write to, and the read returns when the parent is gone.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from threading import Thread
from typing import NoReturn

from duologue.mockserver.domain.errors import MockserverError
from duologue.mockserver.serving.terminal import tell

# A worker ends by itself within a second (see granian_server). On a loaded machine that takes
# longer, and one that is killed writes no usage.
STOP_WITHIN_S = 5.0
_POLL_S = 0.01
_STEP_S = 0.25  # the longest delay before the end of a worker, or a signal, is seen

# Serves until a signal comes; calls its argument as soon as it answers requests. The number is that
# of the worker, from 0.
ServeUntilSignal = Callable[[Callable[[], None], int], object]


class WorkerLost(MockserverError):
    """A worker process ended although the server was not stopped."""

    def __init__(self, pid: int, code: int) -> None:
        self.pid = pid
        self.code = code
        super().__init__(f"The worker with process id {pid} ended with exit code {code}")


def share(serve: ServeUntilSignal, count: int, *, on_ready: Callable[[], None]) -> NoReturn:
    """Run ``serve`` in ``count`` processes until an exception, such as a signal's, ends this one.

    ``on_ready`` is called when all of them answer. Raise WorkerLost if one of them ends.
    """
    life = os.pipe()
    pids: list[int] = []
    try:
        ready = [_start(serve, life, number=number, pids=pids) for number in range(count)]
        if all(os.read(end, 1) for end in ready):
            on_ready()
        pid, status = _wait_for_any()
        pids.remove(pid)
        raise WorkerLost(pid, os.waitstatus_to_exitcode(status))
    finally:
        _stop(pids)


def _wait_for_any() -> tuple[int, int]:
    """Return the process id and the status of a worker that has ended.

    Python runs a signal's handler between two steps of the main thread. A signal that comes just
    before a wait does not interrupt it, so that no wait is a long one.
    """
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            return pid, status
        time.sleep(_STEP_S)


def _start(serve: ServeUntilSignal, life: tuple[int, int], *, number: int, pids: list[int]) -> int:
    """Fork a worker and add its pid; return a pipe that gets one byte when the worker answers."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(life[1])
        os.close(read_end)
        Thread(target=_terminate_with_parent, args=(life[0],), daemon=True).start()
        _serve_and_exit(serve, write_end, number=number)
    os.close(write_end)
    pids.append(pid)
    return read_end


def _serve_and_exit(serve: ServeUntilSignal, write_end: int, *, number: int) -> NoReturn:
    """Serve, then exit without running the ``finally`` blocks of the parent's call stack."""
    code = 1
    try:
        serve(lambda: _signal_ready(write_end), number)
        code = 0
    except MockserverError as error:
        tell(f"mockserver: {error}")
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def _signal_ready(write_end: int) -> None:
    os.write(write_end, b"!")
    os.close(write_end)


def _terminate_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(pids: list[int]) -> None:
    """Send SIGTERM to these children, and SIGKILL to those that run after ``STOP_WITHIN_S``."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while pids and time.monotonic() < deadline:
        pids[:] = [pid for pid in pids if os.waitpid(pid, os.WNOHANG) == (0, 0)]
        time.sleep(_POLL_S if pids else 0)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
