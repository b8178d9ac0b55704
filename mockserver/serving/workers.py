"""Several processes that answer on one socket and share one state.

The parent only watches the others. They end with it, however it ends: each reads from a pipe that
only the parent writes to, and sees its end when the parent is gone.
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

STOP_WITHIN_S = 0.9
_LOOK_EVERY_S = 0.01

# Answers until a signal comes, and calls what it is given once it does answer.
ServeUntilSignal = Callable[[Callable[[], None]], object]


class WorkerLost(MockserverError):
    """A worker process ended although it should go on answering."""

    def __init__(self, pid: int, code: int) -> None:
        self.pid = pid
        self.code = code
        super().__init__(f"The worker with process id {pid} has ended with code {code}")


def share(serve: ServeUntilSignal, count: int, *, on_ready: Callable[[], None]) -> NoReturn:
    """Run ``answer`` in that many processes, until a signal's exception ends this one.

    ``on_ready`` is called when all of them answer. Raises WorkerLost where one of them ends.
    """
    life = os.pipe()
    pids: list[int] = []
    try:
        ready = [_start(serve, life, pids=pids) for _ in range(count)]
        if all(os.read(end, 1) for end in ready):
            on_ready()
        pid, status = os.wait()
        pids.remove(pid)
        raise WorkerLost(pid, os.waitstatus_to_exitcode(status))
    finally:
        _end(pids)


def _start(serve: ServeUntilSignal, life: tuple[int, int], *, pids: list[int]) -> int:
    """Note a new process; what comes back is a pipe with a byte to read once it answers."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(life[1])
        os.close(read_end)
        Thread(target=_end_at_the_end_of, args=(life[0],), daemon=True).start()
        _answer_and_exit(serve, write_end)
    os.close(write_end)
    pids.append(pid)
    return read_end


def _answer_and_exit(serve: ServeUntilSignal, write_end: int) -> NoReturn:
    """Answer in a child process and exit; never return into the parent's clean-up."""
    code = 1
    try:
        serve(lambda: _tell(write_end))
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def _tell(write_end: int) -> None:
    os.write(write_end, b"!")
    os.close(write_end)


def _end_at_the_end_of(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(pids: list[int]) -> None:
    """End these children, by force where they take longer than they may."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while pids and time.monotonic() < deadline:
        pids[:] = [pid for pid in pids if os.waitpid(pid, os.WNOHANG) == (0, 0)]
        time.sleep(_LOOK_EVERY_S if pids else 0)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
