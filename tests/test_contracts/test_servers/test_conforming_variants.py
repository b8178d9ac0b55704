"""The clauses hold on every conforming variant of the mock."""

from __future__ import annotations

import time

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.http.target import Target
from duologue.contracts.session import RunSettings, Session, new_token
from duologue.fixtures.worlds import make
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.variants import VARIANTS, with_variants
from support.fakes import without_generated
from support.servers.app_transport import AppTransport

IN_REAL_TIME = {"late-writes", "busy", "slow"}
NOT_IF_SLOW = "key-behaviors.", "listing.default-page-size", "listing.page-size-bounds"


@pytest.fixture
def judged():
    """Return ``judged(*variants)``: a run of the clauses that generate nothing, on the mock."""

    def judged(*variants, seed=42, in_real_time=False, workers=1, leave_out=()):
        own, sent = with_variants(documented.behaviours(), variants)
        app = create_app(world=make("default", seed), behaviours=own, faulty=sent)
        clock = inside(app).controls.clock
        pending_s = [0.0]

        def pass_time(seconds):
            pending_s[0] += seconds
            if pending_s[0] >= 1:
                clock.advance(int(pending_s[0]))
                pending_s[0] %= 1

        if not in_real_time:
            clock.freeze()
        target = Target("http://mock/v3", "mock-api-key", auth_only_key="auth-only", settle_s=5.0)
        sleep = time.sleep if in_real_time else pass_time
        now = time.monotonic if in_real_time else clock.now
        session = Session(
            target,
            new_token(),
            RunSettings(workers=workers, budget=Budget(seed)),
            sleep=sleep,
            now=now,
        )
        session.transport = AppTransport(app, sleep=sleep, connections=max(workers, 8))
        try:
            session.run_preflight()
            clauses = [
                each for each in without_generated() if not each.id.startswith(tuple(leave_out))
            ]
            return session.run(clauses)
        finally:
            inside(app).close()

    return judged


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict != "held"
    }


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - IN_REAL_TIME))
def test_all_clauses_hold_on_a_variant(judged, name):
    outcome = judged(name)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()


@pytest.mark.parametrize("name", ["late-writes", "busy"])
def test_all_clauses_hold_on_a_late_or_busy_server(judged, name):
    """Late writes are polled for, and 429 is retried."""
    outcome = judged(name, in_real_time=True, workers=24)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()


def test_all_clauses_hold_on_a_slow_server(judged):
    """No clause judges by time; clauses that create hundreds of users are left out here."""
    outcome = judged("slow", in_real_time=True, workers=48, leave_out=NOT_IF_SLOW)

    assert not_held(outcome) == {}


def test_all_clauses_hold_on_combined_variants(judged):
    outcome = judged(
        "rich-errors",
        "more-properties",
        "capital-message",
        "unread-answers-success",
        "tags-in-another-order",
        "numbers-as-message-ids",
        "non-members-are-401",
    )

    assert not_held(outcome) == {}


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_all_clauses_hold_in_any_world(judged, seed):
    """Other data in the app changes no verdict; `benchmarks.accuracy.silence` tries fifty seeds."""
    assert not_held(judged(seed=seed)) == {}
