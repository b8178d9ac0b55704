"""The terminal report."""

import io
import re

import pytest
from rich.console import Console

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.reports.terminal import Terminal, summarize, wait_line
from duologue.contracts.run.results import Result, Verdict

CLAUSE = Clause("errors.x", "A statement.", "Nowhere", Basis.OBSERVED, ("getConversation",), print)
COLOUR = re.compile("\x1b\\[[0-9;]*m")


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
        " 1 of 2 operations answered 2xx"
    )
    assert lines[-1] == "a check has a defect in 1.5 s"


def test_of_much_that_is_left_behind_the_beginning_is_shown(document):
    """A target that refuses every removal keeps a thousand things: the findings stay in view."""
    document |= {"left_behind": [f"user duo-{n}" for n in range(1100)]}

    lines = [each for each in terminal(document).splitlines() if each.startswith("left behind")]
    assert lines[0] == "left behind user duo-0"
    assert lines[20:] == [
        "left behind 1,080 more: 'contracts clean --dry-run' lists users and groups"
    ]


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


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def shown_during_a_run(stream, **environment):
    environment = {"TERM": "xterm-256color", "COLUMNS": "80", **environment}
    console = Console(file=stream, width=80, _environ=environment)
    with Terminal(console, 2) as report:
        report.tell(Result(CLAUSE, Verdict.HELD))
        report.waits(5.0, "429")
        report.tell(Result(CLAUSE, Verdict.BROKEN))
    return stream.getvalue()


def test_a_terminal_gets_a_bar_and_only_what_is_not_held():
    text = shown_during_a_run(Screen())

    assert "\x1b[2K" in text or "\x1b[1A" in text or "\x1b[?25l" in text
    assert "held" not in text
    assert "broken" in text


def test_a_file_gets_a_line_for_each_clause_and_no_escape():
    lines = shown_during_a_run(io.StringIO()).splitlines()

    assert lines == ["held        errors.x", "waiting 5 s: 429", "broken      errors.x"]


def test_forced_colours_move_no_cursor():
    """CI servers show colours, and print each movement of the cursor as rubbish."""
    text = shown_during_a_run(io.StringIO(), FORCE_COLOR="1")

    assert COLOUR.search(text)
    assert "\x1b" not in COLOUR.sub("", text)
    assert COLOUR.sub("", text).splitlines()[0] == "held        errors.x"


@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_no_colour_is_given_where_none_is_wanted(stream):
    text = shown_during_a_run(stream(), NO_COLOR="1", FORCE_COLOR="1")

    assert not re.search("\x1b\\[[0-9;]*3[0-9]", text)


def test_a_dumb_terminal_gets_lines():
    text = shown_during_a_run(Screen(), TERM="dumb")

    assert "\x1b" not in text


def with_verdicts(document, *verdicts):
    """The document with a clause for each of these verdicts and reasons, and nothing else."""
    clause = document["clauses"][0]
    document["clauses"] = [{**clause, "verdict": verdict, "why": why} for verdict, why in verdicts]
    document["summary"] = {
        name: sum(verdict == name for verdict, _ in verdicts) for name in document["summary"]
    }
    document["unreached_operations"] = []
    return document


def test_the_last_line_says_what_was_judged_and_why_not_the_rest(document):
    """Where most clauses were not staged, never "all held"."""
    few = with_verdicts(
        document,
        ("held", ""),
        *[("not_staged", "nothing new may be made")] * 2,
        ("not_staged", "the app's plan lacks x"),
    )

    assert terminal(few).splitlines()[-1] == (
        "what could be judged held in 1.5 s; 1 of 4 clauses could be judged, not the rest:"
        " nothing new may be made (2); the app's plan lacks x (1)"
    )


def test_the_last_line_of_a_run_that_judged_most_is_short(document):
    most = with_verdicts(document, ("held", ""), ("held", ""), ("not_staged", "no key"))

    assert terminal(most).splitlines()[-1] == "all held in 1.5 s"


def test_a_wait_before_the_first_check_is_a_line():
    """A short one is not worth it."""
    stream = io.StringIO()
    waits = wait_line(Console(file=stream))
    waits(1.9, "429")
    waits(5.0, "429")

    assert stream.getvalue() == "waiting 5 s: 429\n"
