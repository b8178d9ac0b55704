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


UNINTERRUPTED = """
import os, signal, threading, time
from duologue.mockserver.serving.workers import share

class Ended(BaseException):
    pass

def end(number, frame):
    raise Ended

def answer(ready, number):
    ready()
    os.read(os.pipe()[0], 1)

def signal_soon():
    time.sleep(0.1)  # the main thread waits by then
    os.kill(os.getpid(), signal.SIGTERM)

def on_ready():
    threading.Thread(target=signal_soon, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

signal.signal(signal.SIGTERM, end)
try:
    share(answer, 2, on_ready=on_ready)
except Ended:
    print("ended")
"""


def test_a_signal_that_interrupts_no_wait_is_obeyed():
    """One that comes just before the wait does not; here another thread of the process gets it."""
    done = finished(UNINTERRUPTED)

    assert done.stdout == "ended\n"
