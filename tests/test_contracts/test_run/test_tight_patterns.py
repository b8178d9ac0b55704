"""Patterns for what was found: they match it in a later run, and little else."""

import re

import pytest

from duologue.contracts.context.findings import Finding
from duologue.contracts.run.tight_patterns import pattern_of

LONG = '{{"id": "{id}", "text": "{words}", "by": "duo-{token}...'


def finding(actual):
    return Finding("a title", "1", actual)


def matches(pattern, actual):
    return re.search(pattern, actual) is not None


@pytest.mark.parametrize(
    ("found", "later", "other"),
    [
        ("the property is missing", "the property is missing", "the property is missing, too"),
        ('[["user", "peer (1)"]]', '[["user", "peer (1)"]]', '[["user", "peer 1"]]'),
        ("2 at 1780000000", "2 at 1780000999", "3 at 1780000000"),
        ('{"id": 12, "n": 3}', '{"id": 9876, "n": 3}', '{"id": 12, "n": 4}'),
        ('{"id": "12"}', '{"id": "345"}', '{"id": "abc"}'),
        ("a.b", "a.b", "axb"),
        ("", "", "something"),
    ],
)
def test_a_pattern_matches_the_same_break_in_a_later_run(found, later, other):
    """Message ids and times are others; each other value is another break."""
    pattern = pattern_of([finding(found)])

    assert matches(pattern, found)
    assert matches(pattern, later)
    assert not matches(pattern, other)


def test_of_a_value_that_was_cut_the_beginning_is_matched():
    """Where it was cut depends on the ids in it."""
    words = "word " * 40
    found = LONG.format(id=7, words=words, token="5491")

    pattern = pattern_of([finding(found)])

    assert matches(pattern, LONG.format(id=31_800, words=words, token="0"))
    assert not matches(pattern, LONG.format(id=7, words="other words", token="5491"))
    assert "5491" not in pattern


def test_a_clause_with_several_findings_has_one_pattern():
    pattern = pattern_of([finding("one"), finding("two"), finding("one")])

    assert pattern == "^(?:one$|two$)"
    assert not matches(pattern, "one and two")
