"""The time in which this process ran, and what a target answers while it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from duologue.contracts.http.running_time import STOPPED_AFTER_S, RunningTime, running_time
from support.independent.app import App
from support.independent.server import serving

RUN = ("run", "--only", "errors.guid-not-found", "--timeout", "1", "--settle", "0")


def test_a_long_pause_is_left_out():
    times = [10.0]
    clock = RunningTime(lambda: times[0])
    told = []
    for seconds in (1.0, STOPPED_AFTER_S, 1000.0, 0.5, STOPPED_AFTER_S + 0.1, 1.0):
        before = clock()
        times[0] += seconds
        told.append(round(clock() - before, 3))

    assert told == [1.0, STOPPED_AFTER_S, 0.0, 0.5, 0.0, 1.0]


def test_it_ticks_although_nobody_asks():
    running_time()

    assert [each.daemon for each in threading.enumerate() if each.name == "ticks"] == [True]


def test_a_run_that_was_stopped_calls_no_answer_late():
    """As by Ctrl-Z, or with its container."""
    stopped = []

    def group(self, guid):
        if not stopped:
            stopped.append(guid)
            run.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, run.pid, os.WSTOPPED | os.WNOWAIT)
            time.sleep(STOPPED_AFTER_S + 0.5)
            run.send_signal(signal.SIGCONT)
        return App.group(self, guid)

    with serving(App(overrides={"group": group})) as url:
        run = subprocess.Popen(
            [sys.executable, "-m", "duologue.contracts", *RUN, "--target", url],
            env={**os.environ, "CONTRACTS_API_KEY": "k", "CONTRACTS_AUTH_ONLY_KEY": "k2"},
            stdout=subprocess.PIPE,
            text=True,
        )
        output, _ = run.communicate()

    assert stopped
    assert run.returncode == 0, output
