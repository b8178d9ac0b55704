"""What this machine lacks is told as that, and neither as the target's nor as a defect."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest
import urllib3
from urllib3.util import connection

from duologue.contracts.fuzz.engine_process import EngineKilled
from duologue.contracts.http.transport import Transport
from duologue.contracts.run.runner import defective
from duologue.contracts.shortage import shortage_of
from support.waiting import WITHIN_S

FEW_FILES = "raise 'ulimit -n'"


def wrapped(cause: Exception) -> Exception:
    """Return an error that another one led to."""
    error = urllib3.exceptions.ProtocolError("no connection")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EMFILE, "Too many open files"), FEW_FILES),
        (wrapped(OSError(errno.EMFILE, "Too many open files")), FEW_FILES),
        (OSError(errno.ENFILE, "Too many open files in system"), "end what has many"),
        (EngineKilled(137), "the generator's process was ended by SIGKILL"),
        (MemoryError(), "no memory left"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "no memory left"),
        (RuntimeError("can't start new thread"), "raise 'ulimit -u'"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "raise 'ulimit -u'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_shortage_is_told_with_what_helps(error, told):
    assert told in shortage_of(error)
    assert defective(error).why == shortage_of(error)
    assert defective(error).traceback == ""


def while_handling(cause: Exception) -> Exception:
    """Return an error that was raised while another one was handled."""
    error = KeyError("x")
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OSError("x"),
        RuntimeError("x"),
        ConnectionRefusedError(111, ""),
        BlockingIOError(errno.EAGAIN, "write could not complete without blocking", 3),
        while_handling(OSError(errno.EMFILE, "Too many open files")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_other_error_is_none(error):
    assert shortage_of(error) == ""


def test_a_run_with_too_few_files_is_told_in_a_sentence(url):
    run = subprocess.run(
        [sys.executable, "-m", "duologue.contracts", "run", "--target", url],
        env={**os.environ, "CONTRACTS_API_KEY": "k"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2, run.stdout
    (line,) = run.stderr.splitlines()
    assert line.startswith("contracts: this process may have no more files open")


def test_connections_that_this_machine_refuses_are_not_the_targets(url, monkeypatch):
    """Fewer are opened then, as where the target refuses them."""
    left = []

    def connect(*words, **options):
        if left:
            raise left.pop()
        return connection.create_connection(*words, **options)

    transport = Transport(timeout_s=WITHIN_S, connections=4, sleep=lambda _: None)

    def ask():
        headers = {"apikey": "k", "connection": "close"}
        return transport.send("listUsers", method="GET", url=f"{url}/users", headers=headers)

    monkeypatch.setattr("urllib3.connection.connection", SimpleNamespace(**vars(connection)))
    monkeypatch.setattr("urllib3.connection.connection.create_connection", connect)
    assert ask().ok
    left += [OSError(errno.EMFILE, "Too many open files")] * 3

    assert ask().ok
    assert left == []
    (note,) = transport.notes
    assert note.endswith("--workers; for a time at most 1 connection could be open")
