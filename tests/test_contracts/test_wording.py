"""Sentences with numbers, and on processes that have ended."""

import pytest

from duologue.contracts.wording import counted, how_it_ended


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 clauses"), (1, "1 clause"), (116, "116 clauses")]
)
def test_one_thing_has_no_s(number, text):
    assert counted(number, "clause") == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (3, "ended with exit code 3"),
        (None, "ended with exit code None"),
        (-9, "was ended by SIGKILL (as a system does that is out of memory)"),
        (137, "was ended by SIGKILL (as a system does that is out of memory)"),
        (-6, "was ended by SIGABRT"),
        (255, "ended with exit code 255"),
    ],
)
def test_an_end_by_a_signal_names_it(code, text):
    assert how_it_ended(code) == text
