"""The command while Python still imports what it runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.interrupted_imports import SCRIPT, STARTS, interrupted


@pytest.mark.parametrize("start", STARTS)
def test_ctrl_c_ends_the_imports_without_a_traceback(start):
    handler = "signal.default_int_handler"

    assert interrupted("mockserver", start, handler=handler) == (130, "", "")


def test_a_job_of_a_background_goes_on_ignoring_it():
    code, said, _ = interrupted("mockserver", SCRIPT, handler="signal.SIG_IGN")

    assert (code, said.split()[0]) == (0, "mockserver")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_no_file_gets_the_number_of_a_standard_stream_that_is_closed(number):
    """A pipe of the run did, and was replaced by the standard input of its child."""
    start = (
        f"import os; os.close({number}); from duologue.mockserver import __main__ as command\n"
        "command._open_standard_streams()\n"
        "assert min(os.pipe()) > 2"
    )

    assert subprocess.run([sys.executable, "-c", start], timeout=60, check=False).returncode == 0
