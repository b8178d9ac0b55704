"""The clauses on the mock in this process: for mutants and pairs of faults."""

from __future__ import annotations

from benchmarks.accuracy.order import quick_first
from duologue.contracts.clause import Clause
from duologue.contracts.context.budget import Budget
from duologue.contracts.http.target import Target
from duologue.contracts.run.results import Run
from duologue.contracts.session import RunSettings, Session, new_token
from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from support.fakes import without_generated
from support.servers.app_transport import AppTransport, sleep_by


def is_silent() -> bool:
    """Return whether the suite finds nothing wrong with the mock: by its quick clauses first."""
    return all(_finds_nothing(some) for some in quick_first(without_generated()))


def _finds_nothing(clauses: list[Clause]) -> bool:
    run = run_on_mock((), clauses, max_failures=1)
    return run.exit_code == 0 and not run.left_behind


def run_on_mock(
    faults: tuple[str, ...], clauses: list[Clause], *, max_failures: int | None = None
) -> Run:
    """Return a run of clauses on a mock with these faults, by a clock that nobody waits for."""
    app = create_app(world=make("default", 42), faults=faults)
    clock = inside(app).controls.clock
    clock.freeze()
    sleep = sleep_by(clock)
    target = Target(
        "http://mock/v3",
        "mock-api-key",
        auth_only_key="auth-only",
        settle_s=5.0,
        shows_receipts=True,
    )
    session = Session(
        target,
        new_token(),
        RunSettings(workers=1, budget=Budget(42), max_failures=max_failures, allow_leftovers=True),
        sleep=sleep,
        now=clock.now,
    )
    session.transport = AppTransport(app, sleep=sleep, connections=8)
    try:
        session.run_preflight()
        return session.run(clauses)
    finally:
        inside(app).close()
