"""The clauses hold on every conforming variant of the mock."""

from __future__ import annotations

import pytest

from duologue.mockserver.variants import VARIANTS
from support.servers.variant_runs import IN_REAL_TIME, run_on_variants

pytestmark = pytest.mark.one_python

NOT_IF_SLOW = ("key-behaviors.", "listing.default-page-size", "listing.page-size-bounds")


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict != "held"
    }


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - IN_REAL_TIME))
def test_all_clauses_hold_on_a_variant(name):
    outcome = run_on_variants([name])

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()


@pytest.mark.parametrize("name", ["late-writes", "busy"])
def test_all_clauses_hold_on_a_late_or_busy_server(name):
    """Late writes are polled for, and 429 is retried."""
    outcome = run_on_variants([name], in_real_time=True, workers=24)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()


def test_all_clauses_hold_on_a_slow_server():
    """No clause judges by time; clauses that create hundreds of users are left out here."""
    outcome = run_on_variants(["slow"], in_real_time=True, workers=48, leave_out=NOT_IF_SLOW)

    assert not_held(outcome) == {}


def test_all_clauses_hold_on_combined_variants():
    outcome = run_on_variants(
        [
            "rich-errors",
            "more-properties",
            "capital-message",
            "unread-answers-success",
            "tags-in-another-order",
            "numbers-as-message-ids",
            "non-members-are-401",
        ]
    )

    assert not_held(outcome) == {}


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_all_clauses_hold_in_any_world(seed):
    """Other data in the app changes no verdict; `benchmarks.accuracy.silence` tries fifty seeds."""
    assert not_held(run_on_variants([], seed=seed)) == {}
