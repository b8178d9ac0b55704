"""How far a run is: when it has failed enough to end early."""

import pytest

from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.session.progress import RunProgress
from support.fakes import without_generated

CLAUSES = tuple(without_generated())[:3]


def progress(*verdicts):
    """Return the progress of a run of three clauses, the first of which have these verdicts."""
    results = {
        clause.id: Result(clause, verdict, (), "", 0.0)
        for clause, verdict in zip(CLAUSES, verdicts, strict=False)
    }
    return RunProgress(CLAUSES, results=results)


@pytest.mark.parametrize(
    ("verdicts", "count", "has"),
    [
        ((Verdict.BROKEN,), None, False),
        ((Verdict.BROKEN,), 1, True),
        ((Verdict.BROKEN,), 2, False),
        ((Verdict.HELD, Verdict.NOT_REACHED), 1, False),
        ((Verdict.HELD, Verdict.HELD, Verdict.BROKEN), 1, False),  # nothing is left to check
    ],
)
def test_a_run_ends_early_with_its_last_failure_unless_all_is_checked(verdicts, count, has):
    assert progress(*verdicts).has_failures(count) is has


def test_results_stand_in_the_order_of_the_clauses():
    run = progress(Verdict.HELD, Verdict.BROKEN)
    run.results = dict(reversed(run.results.items()))

    assert [each.clause for each in run.in_order()] == [*CLAUSES[:2]]
