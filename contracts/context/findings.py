"""What a check found: findings with their calls, and what each generated phase has sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.errors import Broken
from duologue.contracts.http.client import Client

CALLS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: what was required, what came, and the calls that show it."""

    title: str
    expected: str
    actual: str
    calls: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as it stands in results.json."""
        return {
            "title": self.title,
            "expected": self.expected,
            "actual": self.actual,
            "calls": list(self.calls),
        }


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """What one phase of generation sent, by status, and the operations it never saw succeed.

    ``cut_short`` where its time was up before everything drawn was sent.
    """

    by_status: dict[int, int] = field(default_factory=dict)
    operations_without_2xx: tuple[str, ...] = ()
    cut_short: bool = False

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(self.by_status.values())

    @property
    def ok_share(self) -> float:
        """The share of requests answered 2xx; 0 where none was sent."""
        done = sum(n for status, n in self.by_status.items() if 200 <= status < 300)
        return done / self.requests if self.requests else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the phase as it stands in results.json."""
        return {
            "requests": self.requests,
            "by_status": {str(status): n for status, n in sorted(self.by_status.items())},
            "ok_share": round(self.ok_share, 3),
            "operations_without_2xx": list(self.operations_without_2xx),
            "cut_short": self.cut_short,
        }


@dataclass(slots=True)
class FindingLog:
    """What a check found: ``own`` breaks its clause, ``elsewhere`` other clauses, by their ids."""

    client: Client
    own: list[Finding] = field(default_factory=list)
    elsewhere: list[tuple[str, Finding]] = field(default_factory=list)

    def add(self, broken: Broken, *, name: str = "", since: int = 0) -> None:
        """Keep a break as a finding, with the last calls made since call number ``since``."""
        title = f"{name}: {broken.title}" if name else broken.title
        calls = tuple(call.curl() for call in self.client.calls[since:][-CALLS_SHOWN:])
        hide = self.client.target.hide
        self.own.append(Finding(title, hide(broken.expected), hide(broken.actual), calls))

    def add_elsewhere(self, clause_id: str, finding: Finding) -> None:
        """Keep a finding that breaks another clause than the one that is checked."""
        self.elsewhere.append((clause_id, finding))

    @contextmanager
    def case(self, name: str = "") -> Iterator[None]:
        """Run one of several cases: keep what breaks in it, so that the next case goes on."""
        start = len(self.client.calls)
        try:
            yield
        except Broken as broken:
            self.add(broken, name=name, since=start)
