"""The command while Python still imports what it runs."""

from __future__ import annotations

import pytest

from support.interrupted_imports import SCRIPT, STARTS, interrupted
from support.standard_streams import lowest_new_number


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
    assert lowest_new_number("mockserver", number) > 2
