"""Programs under measurement: started in a group of their own, read through /proc, always ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).parents[1]
STOP_WITHIN_S = 5.0
START_WITHIN_S = 60.0

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class NotStarted(RuntimeError):
    """A program under measurement ended, or did not answer in time; carries what it said."""

    def __init__(self, name: str, said: str) -> None:
        self.name = name
        self.said = said
        super().__init__(f"{name} did not come up: {said or 'it said nothing'}")


@dataclass(frozen=True)
class Program:
    """How something is started: its words, where, and with what added to the environment."""

    name: str
    words: Sequence[str]
    folder: Path = ROOT
    environment: Mapping[str, str] | None = None


@dataclass
class Running:
    """A started program with all its children."""

    program: Program
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The first process of the tree."""
        return self.process.pid

    def cpu_s(self) -> float:
        """User and system seconds of the whole tree so far, children that ended included."""
        return sum(sum(_times(pid)) for pid in tree(self.pid))

    def rss_bytes(self) -> int:
        """What the whole tree holds in memory; pages that two processes share count twice."""
        return sum(_resident(pid) for pid in tree(self.pid))

    def said(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text(errors="replace").strip()[-600:]

    def wait_until(self, answered: Callable[[], bool], *, within_s: float = START_WITHIN_S) -> None:
        """Return as soon as it answers; raises NotStarted where it ends or takes too long."""
        deadline = time.monotonic() + within_s
        while not answered():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(self.program.name, self.said())
            time.sleep(0.002)

    def stop(self) -> None:
        """End the whole group: asked first, then forced."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._signal(signal.SIGKILL)  # what the first left behind, or the first itself
            self.process.wait()

    def kill(self) -> None:
        """End the whole group as a power cut would: no warning, nothing flushed."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        # Started with start_new_session, so the group is its own and has its pid.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


@contextmanager
def started(program: Program) -> Iterator[Running]:
    """The program, running for as long as the block lasts."""
    with tempfile.NamedTemporaryFile(prefix="benchmark-", suffix=".log") as log:
        process = subprocess.Popen(
            program.words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env={**os.environ, **(program.environment or {})},
            start_new_session=True,
        )
        running = Running(program, process, Path(log.name))
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does: every program is stopped on the way out."""

    def stop(number: int, _: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    # A shell starts what it puts into the background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print("interrupted; everything that was started has been stopped", file=sys.stderr)
        sys.exit(130)
    finally:
        signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """The process and all that descend from it and still live."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def _times(pid: int) -> tuple[float, float]:
    """Own seconds, and those of children that were waited for."""
    fields = _stat(pid)
    if not fields:
        return 0.0, 0.0
    user, system, of_children, system_of_children = map(int, fields[11:15])
    return (user + system) / _TICKS, (of_children + system_of_children) / _TICKS


def _resident(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) * _PAGE if fields else 0
