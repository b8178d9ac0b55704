"""The clauses on the independent server in this process: for mutants."""

from __future__ import annotations

from benchmarks.accuracy.order import quick_first
from duologue.contracts.clause import Clause
from support.fakes import Clock, session_on, without_generated
from support.independent.app import App


def is_silent() -> bool:
    """Return whether the suite finds nothing wrong with the server: by its quick clauses first."""
    return all(_finds_nothing(some) for some in quick_first(without_generated()))


def _finds_nothing(clauses: list[Clause]) -> bool:
    clock = Clock()
    run = session_on(App(clock=clock), clock, max_failures=1).run(clauses)
    return run.exit_code == 0 and not run.left_behind
