"""The terminal report."""

import io

from rich.console import Console

from duologue.contracts.reports.terminal import summarize


def terminal(document, **options):
    stream = io.StringIO()
    summarize(document, Console(file=stream, width=80, **options))
    return stream.getvalue()


def test_the_summary_shows_each_cause(document):
    """Expected, actual and call each stand whole on one line."""
    lines = terminal(document).splitlines()

    odd = "\\x00\\x1b[2J\\ud800 </x> ]]> & [bold] \\u202e \\x85 🎂 \\uffff"
    assert f"  - title {odd}" in lines
    assert f"    expected: a {odd}" in lines
    assert f"    got:      b {odd}\\n  c" in lines
    assert f"    curl -X GET {odd}" in lines
    assert f"    Traceback {odd}" in lines
    assert f"left behind user x {odd}" in lines
    assert "never answered 2xx deleteConversation" in lines
    assert lines[-2] == (
        "1 held, 1 broken, 1 not reached, 1 not staged, 1 accepted, 1 error;"
        " 1 of 1 operations answered 2xx"
    )
    assert lines[-1] == "a check has a defect in 1.5 s"


def test_a_target_cannot_move_the_cursor(document):
    """Control characters of an answer are escaped."""
    told = terminal(document, force_terminal=True, color_system=None)

    assert "\x1b" not in told and "\x00" not in told


def test_held_clauses_are_left_out_of_the_summary(document):
    assert "errors.held" not in terminal(document)
