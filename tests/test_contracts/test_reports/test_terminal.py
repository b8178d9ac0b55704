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
    output = terminal(document, force_terminal=True, color_system=None)

    assert "\x1b" not in output and "\x00" not in output


def test_held_clauses_are_left_out_of_the_summary(document):
    assert "errors.held" not in terminal(document)


def test_clauses_that_one_call_kept_from_being_reached_are_told_once(document):
    """One root with the number that hangs on it, not a block for each clause."""
    template = next(each for each in document["clauses"] if each["verdict"] == "not_reached")
    why = "getConversation was answered 500 ERR_X"
    document["clauses"] = [{**template, "id": f"errors.n{n}", "why": why} for n in range(3)]
    shown = terminal(document)

    assert shown.count(why) == 1
    assert "3 clauses" in shown
    assert "errors.n0, errors.n1, errors.n2" in shown
