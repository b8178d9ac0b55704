"""Text made harmless: shown as it is, whatever it holds."""

import html

import pytest

from duologue.contracts.escaping import (
    as_json,
    in_markdown,
    printable,
    workflow_data,
    workflow_property,
)

MARKS = "a | b `c` [d](e) *f* _g_ ~h~ #1 @i <j> & \\k"


def test_markdown_shows_each_mark_as_it_is():
    """Each is a reference to a character; none of them is escaped twice."""
    escaped = in_markdown(MARKS)

    assert html.unescape(escaped) == MARKS
    assert "&&" not in escaped
    assert not set(escaped.replace("&#", "").replace("&amp;", "")) & set("|`[]*_~#@<>\\")


def test_a_terminal_is_not_steered():
    assert printable("a\x1b[2J\u202eb\nc") == r"a\x1b[2J\u202eb\nc"


def test_a_workflow_command_is_not_ended():
    """GitHub Actions takes a line end as the end of the command."""
    assert workflow_data("50%\n::error::x") == "50%25%0A::error::x"
    assert workflow_property("a: b, c") == "a%3A b%2C c"


@pytest.mark.parametrize(
    ("value", "text"),
    [("2", '"2"'), (2, "2"), (None, "null"), ([True, "é"], '[true, "é"]'), ({1: 2}, '{"1": 2}')],
)
def test_a_value_is_shown_as_json(value, text):
    assert as_json(value) == text
