"""The generator's process: ``python -m duologue.contracts.fuzz.engine_main IN OUT [IN OUT ...]``.

Each pair of file descriptors is a lane. It loads the generator once and becomes one process for
each lane, which reads explorations from IN, and writes requests and check failures to OUT until
its input ends.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from duologue.contracts.errors import NotReached
from duologue.contracts.fuzz.engine_messages import EngineFailed, Exploration, Explored, NoAnswer
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.response import Response
from duologue.contracts.wording import SHELL_SIGNALS

# A lane ends with its phases, and few of its objects are in cycles.
COLLECT_AFTER_OBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class RunPipe:
    """The pipes to the run."""

    input: BinaryIO
    output: BinaryIO

    def read(self) -> Any:
        """Return the next message; raise EOFError at the end."""
        return pickle.load(self.input)  # noqa: S301 - written by the run that started this process

    def write(self, message: object) -> None:
        """Write a message."""
        pickle.dump(message, self.output, protocol=pickle.HIGHEST_PROTOCOL)
        self.output.flush()

    def send(self, request: GeneratedRequest) -> Response:
        """Return the answer to a request, which the run sends; raise NotReached without one."""
        self.write(request)
        answer: Response | NoAnswer = self.read()
        if isinstance(answer, NoAnswer):
            raise NotReached(answer.why)
        return answer

    def report(self, failure: CheckFailure) -> None:
        """Report a failed check."""
        self.write(failure)

    def close(self) -> None:
        """Close both."""
        self.input.close()
        with suppress(BrokenPipeError):
            self.output.close()


def main(descriptors: Sequence[str]) -> int:
    """Explore what each lane is asked for, until its input ends; return the exit code."""
    numbers = [int(each) for each in descriptors]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    lanes = [RunPipe(os.fdopen(tasks, "rb"), os.fdopen(out, "wb")) for tasks, out in pairs]
    gc.disable()  # what is loaded stays
    try:
        _load()
    except Exception:
        for lane in lanes:
            lane.write(EngineFailed(traceback.format_exc()))
        return 1
    gc.freeze()  # shared by the lanes, and never garbage
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    gc.enable()
    processes = [_fork(lane, lanes) for lane in lanes]
    for lane in lanes:
        lane.close()
    return _wait_for(processes)


def _load() -> None:
    """Load the generator once for all lanes; imported here, so that a failure is reported."""
    from duologue.contracts.fuzz.hypothesis_lock import exclusive_hypothesis  # noqa: PLC0415
    from duologue.contracts.fuzz.schemathesis_adapter import load  # noqa: PLC0415

    with exclusive_hypothesis():
        load()


def _fork(own: RunPipe, lanes: Sequence[RunPipe]) -> int:
    """Return the process id of a new process for a lane; the other lanes' pipes are closed in it.

    An open copy of them would hide from the run that another lane has ended.
    """
    process_id = os.fork()
    if process_id:
        return process_id
    code = 1
    try:
        for lane in lanes:
            if lane is not own:
                lane.close()
        _explore(own)
        code = 0
    finally:
        os._exit(code)


def _wait_for(processes: Sequence[int]) -> int:
    """Return 0 once all have ended well; where one fails, end the others and return its code.

    That is a shell's for a signal: 137 for SIGKILL.
    """
    left = {*processes}
    while left:
        process_id, status = os.wait()
        left.discard(process_id)
        code = os.waitstatus_to_exitcode(status)
        if code:
            for each in left:
                os.kill(each, signal.SIGKILL)
            return code if code > 0 else SHELL_SIGNALS - code
    return 0


def _explore(run: RunPipe) -> None:
    from duologue.contracts.fuzz.hypothesis_lock import exclusive_hypothesis  # noqa: PLC0415
    from duologue.contracts.fuzz.schemathesis_adapter import explore  # noqa: PLC0415

    try:
        with exclusive_hypothesis():
            while True:
                task: Exploration = run.read()
                untested = explore(
                    task.document,
                    task.settings,
                    url=task.url,
                    key=task.key,
                    send=run.send,
                    on_failure=run.report,
                )
                run.write(Explored(untested))
    except (EOFError, BrokenPipeError):
        pass  # the run has ended
    except Exception:
        run.write(EngineFailed(traceback.format_exc()))


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # nothing is buffered, and the run waits for the end
