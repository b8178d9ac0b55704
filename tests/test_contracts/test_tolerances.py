"""What no document decides: the suite is silent on either side of it (readings, Tolerance)."""

import pytest

from duologue.contracts.run.results import Verdict
from support.fakes import NOON
from support.tolerant_servers import FREEDOMS


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict is not Verdict.HELD
    }


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_rings_no_alarm(judge, town, name):
    """All clauses hold, and nothing stays behind."""
    registry = town(departures=FREEDOMS[name])
    outcome = judge(registry)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()
    assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_differs_rings_no_alarm(judge, town, clock, hours):
    """The target's times are compared with each other, not with ours."""
    registry = town()
    registry.clock = lambda: clock() + 3600 * hours

    assert clock() == NOON
    assert not_held(judge(registry)) == {}
