"""How far a run is: the results so far, and what ended it early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from duologue.contracts.clause import Clause
from duologue.contracts.run.results import Result, Verdict


@dataclass(slots=True)
class RunProgress:
    """How far a run is; times in seconds of the session's clock."""

    clauses: tuple[Clause, ...] = ()
    started_s: float = 0.0
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    results: dict[str, Result] = field(default_factory=dict)
    defect: str = ""
    ended_early: str = ""

    def in_order(self) -> list[Result]:
        """Return the results so far, in the order of the clauses."""
        return [self.results[each.id] for each in self.clauses if each.id in self.results]

    def has_failures(self, count: int | None) -> bool:
        """Return whether so many clauses are broken, with others left to check."""
        broken = [each for each in self.results.values() if each.verdict is Verdict.BROKEN]
        is_last = len(self.results) == len(self.clauses)
        return count is not None and len(broken) >= count and not is_last


@contextmanager
def time_limit(limit_s: float | None, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end`` where the block takes longer than so many seconds; None is no limit."""
    if limit_s is None:
        yield
        return
    timer = threading.Timer(limit_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # what it calls has ended: nothing ends what comes after this block
