"""The parent process of the workers (the workers are tested with the command line)."""

import subprocess
import sys

from support.waiting import WITHIN_S

FAILING = """
from duologue.mockserver.serving.workers import WorkerLost, share

def answer(ready):
    raise RuntimeError("cannot start")

try:
    share(answer, 2, on_ready=lambda: print("ready"))
except WorkerLost as lost:
    print("lost", lost.code)
print("still here")
"""


def test_a_worker_that_fails_to_start_is_lost():
    """The mock is never reported ready; the worker's traceback is on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )

    assert done.stdout == "lost 1\nstill here\n"
    assert "cannot start" in done.stderr
