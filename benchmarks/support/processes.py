"""Programs under measurement: a process group each, measured through /proc, always stopped."""

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

ROOT = Path(__file__).parents[2]
STOP_WITHIN_S = 5.0
START_WITHIN_S = 60.0

# As an installed program has it: byte code that was made once, whatever this shell says of that. To
# compile our 140 modules at each start takes 0.08 s.
BYTE_CODE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path.home() / ".cache/duologue/benchmarks/byte-code"),
}

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class NotStarted(RuntimeError):
    """A program under measurement ended or did not answer in time; holds its output."""

    def __init__(self, name: str, said: str) -> None:
        self.name = name
        self.said = said
        super().__init__(f"{name} did not come up: {said or 'it said nothing'}")


@dataclass(frozen=True)
class Program:
    """How a program is started: arguments, working folder, additions to the environment."""

    name: str
    words: Sequence[str]
    folder: Path = ROOT
    environment: Mapping[str, str] | None = None


@dataclass
class Running:
    """A running program with all its children."""

    program: Program
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Return the id of the first process."""
        return self.process.pid

    def cpu_s(self) -> float:
        """Return user and system seconds of the whole tree so far, with ended children."""
        return sum(sum(_times(pid)) for pid in tree(self.pid))

    def rss_bytes(self) -> int:
        """Return the memory of the whole tree; shared pages count once for each process."""
        return sum(_resident(pid) for pid in tree(self.pid))

    def said(self) -> str:
        """Return the end of its output."""
        return self.log.read_text(errors="replace").strip()[-600:]

    def wait_until(self, answered: Callable[[], bool], *, within_s: float = START_WITHIN_S) -> None:
        """Wait until it answers; raise NotStarted if it ends or takes too long."""
        deadline = time.monotonic() + within_s
        while not answered():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(self.program.name, self.said())
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop the whole group: SIGTERM, then SIGKILL."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._signal(signal.SIGKILL)  # children that are left, or the process itself
            self.process.wait()

    def kill(self) -> None:
        """Kill the whole group without a chance to flush."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        # Started with start_new_session, so the group is its own and has its pid.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


@contextmanager
def started(program: Program) -> Iterator[Running]:
    """Run a program until the block ends."""
    with tempfile.NamedTemporaryFile(prefix="benchmark-", suffix=".log") as log:
        process = subprocess.Popen(
            program.words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env={**os.environ, **BYTE_CODE, **(program.environment or {})},
            start_new_session=True,
        )
        running = Running(program, process, Path(log.name))
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that every program is stopped."""

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
    """Return a port without a listener."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """Return the process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none if the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def _times(pid: int) -> tuple[float, float]:
    """Return own seconds, and those of children that were waited for."""
    fields = _stat(pid)
    if not fields:
        return 0.0, 0.0
    user, system, of_children, system_of_children = map(int, fields[11:15])
    return (user + system) / _TICKS, (of_children + system_of_children) / _TICKS


def _resident(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) * _PAGE if fields else 0
