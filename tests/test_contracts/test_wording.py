"""Sentences with numbers."""

import pytest

from duologue.contracts.wording import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 clauses"), (1, "1 clause"), (116, "116 clauses")]
)
def test_one_thing_has_no_s(number, text):
    assert counted(number, "clause") == text
