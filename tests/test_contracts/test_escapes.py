"""Text made harmless: shown as it is, whatever it holds."""

import html

from duologue.contracts.escapes import cell, clean, command_data, command_property

MARKS = "a | b `c` [d](e) *f* _g_ ~h~ #1 @i <j> & \\k"


def test_markdown_shows_each_mark_as_it_is():
    """Each is a reference to a character; none of them is escaped twice."""
    escaped = cell(MARKS)

    assert html.unescape(escaped) == MARKS
    assert "&amp;#" not in escaped
    assert not set(escaped.replace("&#", "").replace("&amp;", "")) & set("|`[]*_~#@<>\\")


def test_a_terminal_is_not_steered():
    assert clean("a\x1b[2J\u202eb\nc") == "a\ufffd[2J\ufffdb\ufffdc"


def test_a_workflow_command_is_not_ended():
    """GitHub Actions takes a line end as the end of the command."""
    assert command_data("50%\r\n::error::x") == "50%25%0D%0A::error::x"
    assert command_property("a: b, c") == "a%3A b%2C c"
