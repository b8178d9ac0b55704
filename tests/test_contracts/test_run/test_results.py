"""Verdicts: what a run comes to, and one finding for one cause."""

from dataclasses import replace

import pytest

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.run.results import Result, Run, Verdict, merged, settled


def clause(name):
    return Clause(name, "A statement.", "Nowhere", Basis.INFERRED, (), print)


def result(name, verdict, *findings, elsewhere=()):
    return Result(clause(name), verdict, tuple(findings), elsewhere=tuple(elsewhere))


def outcome(*verdicts, **fields):
    results = tuple(result(f"errors.n{n}", verdict) for n, verdict in enumerate(verdicts))
    return Run("http://host/v3", 42, "2026-11-23T06:00:00+00:00", 1.0, results, **fields)


def finding(title, expected="a", actual="b", calls=()):
    return Finding(title, expected, actual, tuple(calls))


@pytest.mark.parametrize(
    ("verdicts", "exit_code"),
    [
        ([Verdict.HELD], 0),
        ([Verdict.HELD, Verdict.NOT_STAGED], 0),
        ([Verdict.HELD, Verdict.ACCEPTED], 0),
        ([Verdict.HELD, Verdict.BROKEN], 1),
        ([Verdict.HELD, Verdict.NOT_REACHED], 1),
        ([Verdict.HELD, Verdict.ERROR], 2),
        ([Verdict.BROKEN, Verdict.ERROR], 2),
        ([Verdict.NOT_STAGED], 1),
        ([], 1),
    ],
)
def test_what_a_run_comes_to(verdicts, exit_code):
    """Green is: something held, nothing broken, all reached. Nothing shown is not green."""
    assert outcome(*verdicts).exit_code == exit_code


def test_an_operation_that_was_never_done_is_not_green():
    """Though all clauses hold."""
    assert outcome(Verdict.HELD, unreached_operations=("getConversation",)).exit_code == 1


def test_an_interrupted_run_is_neither():
    """130, whatever it has found so far."""
    assert outcome(Verdict.BROKEN, interrupted=True).exit_code == 130


def test_every_verdict_is_counted():
    """Those that nothing got, too."""
    assert outcome(Verdict.HELD, Verdict.HELD, Verdict.BROKEN).summary == {
        "held": 2,
        "broken": 1,
        "not_reached": 0,
        "not_staged": 0,
        "accepted": 0,
        "error": 0,
    }


def test_one_cause_is_one_finding():
    """What expects and got the same is told once, with the first one's calls."""
    found = merged(
        [
            finding("one", calls=["curl 1"]),
            finding("two", calls=["curl 2"]),
            finding("one"),
            finding("three", actual="c"),
        ]
    )

    assert found == (finding("one; two", calls=["curl 1"]), finding("three", actual="c"))


def test_the_second_in_which_it_was_seen_makes_no_other_finding():
    found = merged(
        [
            finding("by peer", actual="1795708962"),
            finding("by id", actual="1795708963"),
            finding("a count", actual="3"),
        ]
    )

    assert [each.title for each in found] == ["by peer; by id", "a count"]


def test_a_finding_goes_to_the_clause_it_breaks():
    """What a check sees of another clause breaks that one, which tells who saw it."""
    seen = finding("the type")
    held, broken = settled(
        [
            result("document.x", Verdict.HELD, elsewhere=[("properties.y", seen)]),
            result("properties.y", Verdict.HELD),
        ]
    )

    assert (held.verdict, broken.verdict) == (Verdict.HELD, Verdict.BROKEN)
    assert broken.findings == (replace(seen, found_by="document.x"),)


def test_a_finding_for_a_broken_clause_is_dropped():
    """It is told already."""
    own = finding("own")
    _, broken = settled(
        [
            result("document.x", Verdict.HELD, elsewhere=[("properties.y", finding("again"))]),
            result("properties.y", Verdict.BROKEN, own),
        ]
    )

    assert broken.findings == (own,)


def test_a_finding_for_a_clause_with_a_defect_hides_no_defect():
    """The verdict stays error; the finding is told beside it."""
    seen = finding("the type")
    _, defective = settled(
        [
            result("document.x", Verdict.HELD, elsewhere=[("properties.y", seen)]),
            result("properties.y", Verdict.ERROR),
        ]
    )

    told = replace(seen, found_by="document.x")
    assert (defective.verdict, defective.findings) == (Verdict.ERROR, (told,))


def test_a_finding_for_a_clause_that_was_not_chosen_is_told_where_it_was_found():
    """Nothing that was seen is lost."""
    (alone,) = settled(
        [result("document.x", Verdict.HELD, elsewhere=[("properties.y", finding("the type"))])]
    )

    assert alone.verdict is Verdict.BROKEN
    assert alone.findings[0].title == "properties.y: the type"
