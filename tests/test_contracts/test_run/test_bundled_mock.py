"""The bundled mock ends with the run that started it, and a run ends with its bundled mock."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from duologue.contracts.clause import choose
from duologue.contracts.cli import main
from duologue.contracts.errors import MockEnded, MockNotStarted
from duologue.contracts.run import bundled_mock as module
from duologue.contracts.run.bundled_mock import bundled_mock
from duologue.contracts.session import RunSettings, open_session
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


def test_a_run_ends_where_the_system_ends_its_mock(started):
    """It would wait for a target that comes back, a minute for each clause."""

    def kill(session):
        started[0].send_signal(signal.SIGKILL)
        started[0].wait()

    with (
        pytest.raises(MockEnded, match=r"was ended by SIGKILL \(.*memory\): run again"),
        open_session(RunSettings(), on_open=kill),
    ):
        pytest.fail("a session on a mock that has ended")


@pytest.mark.parametrize("after", [1, 60])
def test_results_say_that_the_mock_has_ended(after, started, tmp_path, monkeypatch):
    """In a sentence and in each report, with exit code 2."""
    told = []
    monkeypatch.setattr(
        "duologue.contracts.reports.terminal.Terminal.tell",
        lambda self, result: told.append(result) or (len(told) == after and started[0].kill()),
    )
    result = CliRunner().invoke(main, ["run", "--output", str(tmp_path)])

    assert result.exit_code == 2, result.output
    assert len(told) < len(choose(()))
    assert "contracts: the bundled mock was ended by SIGKILL" in result.stderr
    assert "the bundled mock was ended by SIGKILL" in (tmp_path / "junit.xml").read_text()


def test_what_a_mock_says_last_is_told(monkeypatch):
    says = "import json, sys; print(json.dumps({'url': 'http://127.0.0.1:9/v3'}), flush=True);"
    ends = "sys.stderr.write('0\\n' * 99_999 + 'out of luck\\n\\n'); sys.exit(3)"
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", says + ends))

    with (
        pytest.raises(MockEnded, match="ended with exit code 3, and said: out of luck: run again"),
        bundled_mock(seed=1, timeout_s=1, settle_s=0) as target,
    ):
        assert happens(lambda: target.check_running() is not None)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import time; time.sleep(99)", "it did not answer within 0.3 s"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by SIGKILL"),
        ("import sys; sys.exit(3)", "it ended with exit code 3"),
        ("import sys; sys.exit('no disk')", "no disk"),
    ],
)
def test_a_mock_that_does_not_start_is_told(program, told, monkeypatch):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(module, "START_WITHIN_S", 0.3 if "sleep" in program else WITHIN_S)

    with (
        pytest.raises(MockNotStarted, match=told),
        bundled_mock(seed=1, timeout_s=1, settle_s=0),
    ):
        pytest.fail("a mock that does not answer")
