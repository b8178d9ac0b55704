"""What a dry run tells, and when its figures are in doubt."""

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.run.footprint import Footprint, doubt
from duologue.contracts.run.results import Result, Verdict

CLAUSES = [*REGISTRY.values()][:5]


def test_the_footprint_counts_what_is_made_and_asked_for():
    footprint = Footprint({"user": 2}, {"createUser": {200: 2}, "listUsers": {200: 1, 404: 1}})

    lines = [*footprint.lines(2.0)]
    assert lines[0].split() == ["2", "users"]
    assert [each.split() for each in lines[4:]] == [
        ["4", "requests"],
        ["2", "createUser"],
        ["2", "listUsers"],
        ["at", "120", "requests", "a", "minute:", "2", "s"],
    ]


def test_paths_that_are_no_operation_are_told_without_the_ids_of_the_run():
    answers = {
        "GET /users/duo-98247a4f-309/conversations/read": {404: 1},
        "GET /users/duo-98247a4f-x-7/conversations/read": {404: 2},
        "GET /conversation": {404: 1},
    }

    lines = [each.split(maxsplit=1) for each in Footprint({}, answers).lines(2.0)]

    assert ["3", "GET /users/{id}/conversations/read"] in lines
    assert ["1", "GET /conversation"] in lines


def test_where_nothing_failed_the_figures_are_sure():
    verdicts = (Verdict.HELD, Verdict.NOT_STAGED, Verdict.ACCEPTED)

    assert doubt(Result(CLAUSES[0], each) for each in verdicts) == ""


@pytest.mark.parametrize("verdict", [Verdict.BROKEN, Verdict.NOT_REACHED, Verdict.ERROR])
def test_where_a_clause_failed_the_figures_are_in_doubt(verdict):
    sentence = doubt(Result(each, verdict, why="timed out") for each in CLAUSES)

    assert sentence.startswith("the figures may be wrong")
    assert f"{CLAUSES[0].id}: timed out" in sentence
    assert sentence.endswith("; and 2 more)")
