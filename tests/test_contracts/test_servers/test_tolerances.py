"""Tolerances: all clauses hold where no document decides (the Tolerance column of the readings)."""

import pytest

from duologue.contracts.run.results import Verdict
from support.fakes import START_S
from support.servers.tolerant_servers import DEFAULT_GROUP, TOLERANCES

pytestmark = pytest.mark.one_python


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict is not Verdict.HELD
    }


@pytest.mark.parametrize("name", TOLERANCES)
def test_all_clauses_hold(judge, make_app, name):
    """No test data is left either; a group of the server's own is none."""
    app = make_app(overrides=TOLERANCES[name])
    outcome = judge(app)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()
    left = [each for each in app.messages if each.receiver != DEFAULT_GROUP]
    assert (app.users, {*app.groups} - {DEFAULT_GROUP}, left) == ({}, set(), [])


@pytest.mark.parametrize("minutes", [-60, -5, 5, 60])
def test_all_clauses_hold_with_another_clock(judge, make_app, clock, minutes):
    """Times of the target are only compared with each other."""
    app = make_app()
    app.clock = lambda: clock() + 60 * minutes

    assert clock() == START_S
    assert not_held(judge(app)) == {}
