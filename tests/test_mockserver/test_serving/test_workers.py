"""The parent process of the workers (the workers are tested with the command line)."""

import subprocess
import sys

from support.waiting import WITHIN_S

FAILING = """
from duologue.mockserver.serving.workers import WorkerLost, share

def answer(ready, number):
    raise RuntimeError("cannot start")

try:
    share(answer, 2, on_ready=lambda: print("ready"))
except WorkerLost as lost:
    print("lost", lost.code)
print("still here")
"""


def finished(script):
    """Return what a script of its own process printed; a code other than 0 is an error."""
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )


def test_a_worker_that_fails_to_start_is_lost():
    """The mock is never reported ready; the worker's traceback is on stderr."""
    done = finished(FAILING)

    assert done.stdout == "lost 1\nstill here\n"
    assert "cannot start" in done.stderr


NUMBERED = """
import os
from duologue.mockserver.serving.workers import WorkerLost, share

read_end, write_end = os.pipe()

def answer(ready, number):
    os.write(write_end, str(number).encode())
    ready()
    os.read(os.pipe()[0], 1)  # until the parent ends it

try:
    share(answer, 3, on_ready=lambda: 1 / 0)
except ZeroDivisionError:
    print(*sorted(os.read(read_end, 3).decode()))
"""


def test_workers_have_numbers_that_follow_each_other():
    """By them each gets a core of its own; by process ids two of them often had the same."""
    done = finished(NUMBERED)

    assert done.stdout == "0 1 2\n"
