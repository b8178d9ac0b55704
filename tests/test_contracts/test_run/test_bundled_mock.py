"""The bundled mock ends with the run that started it, however the run ends."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from support.waiting import WITHIN_S, happens

KILLED_RUN = """
import os, signal
from urllib.parse import urlsplit
from duologue.contracts.run.bundled_mock import bundled_mock

with bundled_mock(seed=1, timeout_s=60, settle_s=0) as target:
    print(urlsplit(target.url).port, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def refuses(port: int) -> bool:
    """Return whether nobody listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_killed_run_leaves_no_mock():
    run = subprocess.run(
        [sys.executable, "-c", KILLED_RUN], capture_output=True, text=True, check=False
    )
    port = int(run.stdout)

    assert run.returncode == -9
    assert happens(lambda: refuses(port))


@pytest.mark.parametrize("times", [1, 2])
def test_a_run_that_ends_stops_it(times):
    text = KILLED_RUN.replace("os.kill(os.getpid(), signal.SIGKILL)", "pass") * times
    run = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert all(refuses(int(port)) for port in run.stdout.split())
