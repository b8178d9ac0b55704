"""The generator in a process of its own: it draws requests while this process checks clauses."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from duologue.contracts.errors import ContractsError, NotReached
from duologue.contracts.fuzz.engine_messages import EngineFailed, Exploration, Explored, NoAnswer
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest, OnFailure, SendRequest
from duologue.contracts.http.transport import Response

COMMAND = (sys.executable, "-P", "-m", "duologue.contracts.fuzz.engine_main")


class EngineLost(ContractsError):
    """The generator's process failed, or ended early; with its traceback where it left one."""

    def __init__(self, code: int | None, traceback: str = "") -> None:
        self.code, self.traceback = code, traceback
        ended = f"the generator's process ended with exit code {code}"
        super().__init__(traceback.rstrip() or ended)


@contextmanager
def started_engine() -> Iterator[EngineProcess]:
    """Yield a generator that starts in the background; end it, whatever it is doing."""
    # A group of its own: Ctrl-C reaches the run, which ends it.
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise EngineLost(process.poll())
    try:
        yield EngineProcess(process, process.stdin, process.stdout)
    finally:
        process.kill()
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """A started generator."""

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
                raise EngineLost(self._process.poll(), _traceback(message))

    def _write(self, message: object) -> None:
        try:
            pickle.dump(message, self._input)
            self._input.flush()
        except BrokenPipeError as cause:
            raise EngineLost(self._process.wait()) from cause

    def _read(self) -> Any:
        try:
            return pickle.load(self._output)  # noqa: S301 - written by the process started here
        except EOFError as cause:
            raise EngineLost(self._process.wait()) from cause


def _answer(request: GeneratedRequest, send: SendRequest) -> Response | NoAnswer:
    try:
        return send(request)
    except NotReached as cause:
        return NoAnswer(str(cause))


def _traceback(message: object) -> str:
    return message.traceback if isinstance(message, EngineFailed) else repr(message)
