"""The generator in processes of its own: it draws requests while this process checks clauses.

It has one lane for each of ``LANES``: a process that explores one phase after another.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from duologue.contracts.errors import ContractsError, EndedBySystem, NotReached
from duologue.contracts.fuzz.engine_messages import EngineFailed, Exploration, Explored, NoAnswer
from duologue.contracts.fuzz.types import (
    LANES,
    CheckFailure,
    GeneratedRequest,
    OnFailure,
    SendRequest,
)
from duologue.contracts.http.response import Response
from duologue.contracts.wording import SHELL_SIGNALS, how_it_ended

HOOKS = "SCHEMATHESIS_HOOKS"  # somebody's own, for somebody's own use of Schemathesis
COMMAND = (sys.executable, "-P", "-m", "duologue.contracts.fuzz.engine_main")
END_WITHIN_S = 5


class EngineLost(ContractsError):
    """The generator's process failed, or ended early; with its traceback where it left one."""

    def __init__(self, code: int | None, traceback: str = "") -> None:
        self.code, self.traceback = code, traceback
        ended = f"the generator's process {how_it_ended(code)}"
        super().__init__(traceback.rstrip() or ended)


class EngineKilled(EngineLost, EndedBySystem):
    """The system has ended the generator's process."""


def _lost(code: int | None, traceback: str = "") -> EngineLost:
    is_killed = code in (-signal.SIGKILL, SHELL_SIGNALS + signal.SIGKILL) and not traceback
    return EngineKilled(code) if is_killed else EngineLost(code, traceback)


@contextmanager
def started_engine() -> Iterator[Engine]:
    """Yield a generator that starts in the background; end it, whatever it is doing.

    One that was started ahead is taken, if there is one.
    """
    try:
        engine = _ahead.popleft()
    except IndexError:
        engine = _start()
    with _ended(engine):
        yield engine


@contextmanager
def engine_started_ahead() -> Iterator[Engine]:
    """Yield a generator that starts now, for the next ``started_engine``; end it if none comes.

    It loads for about a second, in which a run has other things to wait for. A generator holds
    nothing of a run, so that it does not matter whose it is.
    """
    engine = _start()
    _ahead.append(engine)
    try:
        yield engine
    finally:
        with suppress(ValueError):
            _ahead.remove(engine)
            engine.kill()
            engine.close()


def _start() -> Engine:
    own, theirs = [], []
    for _ in LANES:
        (tasks, to_lane), (from_lane, messages) = os.pipe(), os.pipe()
        own.append((os.fdopen(to_lane, "wb"), os.fdopen(from_lane, "rb")))
        theirs += [tasks, messages]
    try:
        # A group of its own: Ctrl-C reaches the run, which ends it.
        process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
            [*COMMAND, *map(str, theirs)],
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name != HOOKS},
            start_new_session=True,
        )
    finally:
        for each in theirs:
            os.close(each)
    return Engine(process, tuple(EngineLane(process, *pipes) for pipes in own))


@contextmanager
def _ended(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.kill()
        raise
    finally:
        engine.close()


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """A started generator, with its lanes."""

    process: subprocess.Popen[bytes]
    lanes: tuple[EngineLane, ...]

    def kill(self) -> None:
        """End its processes at once; what waits for one of them gets EngineLost."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the pipes, which ends the lanes that wait for a task, and wait for the process."""
        for lane in self.lanes:
            lane.close()
        try:
            self.process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()


@dataclass(frozen=True, slots=True)
class EngineLane:
    """One process of a generator."""

    _process: subprocess.Popen[bytes]
    _input: IO[bytes]
    _output: IO[bytes]

    def explore(
        self, task: Exploration, *, send: SendRequest, on_failure: OnFailure
    ) -> tuple[str, ...]:
        """Send what one phase generates, and report every failed check.

        Returns sentences on what could not be tested. Where ``send`` raises NotReached, the
        request counts as not answered; any other exception ends the phase. Raises EngineLost.
        """
        self._write(task)
        while True:
            message = self._read()
            if isinstance(message, GeneratedRequest):
                self._write(_answer(message, send))
            elif isinstance(message, CheckFailure):
                on_failure(message)
            elif isinstance(message, Explored):
                return message.untested
            else:
                raise _lost(self._process.poll(), _traceback(message))

    def close(self) -> None:
        """Close its pipes."""
        self._output.close()
        with suppress(BrokenPipeError):
            self._input.close()

    def _write(self, message: object) -> None:
        try:
            pickle.dump(message, self._input, protocol=pickle.HIGHEST_PROTOCOL)
            self._input.flush()
        except BrokenPipeError as cause:
            raise _lost(self._exit_code(), self._left_traceback()) from cause

    def _left_traceback(self) -> str:
        """Return the traceback that a process has left which ended before its first task."""
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            message = pickle.load(self._output)  # noqa: S301 - written by the process started here
            if isinstance(message, EngineFailed):
                return message.traceback
        return ""

    def _read(self) -> Any:
        try:
            return pickle.load(self._output)  # noqa: S301 - written by the process started here
        except EOFError as cause:
            raise _lost(self._exit_code()) from cause

    def _exit_code(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_WITHIN_S)
        return None


def _answer(request: GeneratedRequest, send: SendRequest) -> Response | NoAnswer:
    try:
        return send(request)
    except NotReached as cause:
        return NoAnswer(str(cause))


def _traceback(message: object) -> str:
    return message.traceback if isinstance(message, EngineFailed) else repr(message)


_ahead: deque[Engine] = deque()
