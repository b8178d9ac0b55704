"""The clauses on the independent server in this process: for mutants."""

from __future__ import annotations

from support.fakes import Clock, session_on, without_generated
from support.independent.app import App


def is_silent() -> bool:
    """Return whether the suite finds nothing wrong with the server."""
    clock = Clock()
    session = session_on(App(clock=clock), clock, max_failures=1)
    run = session.run(without_generated())
    return run.exit_code == 0 and not run.left_behind
