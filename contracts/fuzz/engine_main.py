"""The process of the generator: ``python -m duologue.contracts.fuzz.engine_main``.

It reads explorations from its standard input, and writes requests and check failures to its
standard output until the input ends.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from dataclasses import dataclass
from typing import Any, BinaryIO

from duologue.contracts.errors import NotReached
from duologue.contracts.fuzz.engine_messages import EngineFailed, Exploration, Explored, NoAnswer
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.transport import Response


def main() -> None:
    """Explore what is asked for, until the input ends."""
    run = RunPipe(sys.stdin.buffer, _own_output())
    try:
        _work(run)
    except EOFError:
        pass  # the run has ended
    except BrokenPipeError:
        os._exit(0)  # so has it here; nothing of what is buffered can be written
    except Exception:
        run.write(EngineFailed(traceback.format_exc()))


def _own_output() -> BinaryIO:
    """Return the standard output for messages alone; what else is printed goes to the errors."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


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
        pickle.dump(message, self.output)
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


def _work(run: RunPipe) -> None:
    # Imported here, so that a failure of it is reported.
    from duologue.contracts.fuzz.hypothesis_lock import exclusive_hypothesis  # noqa: PLC0415
    from duologue.contracts.fuzz.schemathesis_adapter import explore  # noqa: PLC0415

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


if __name__ == "__main__":
    main()
