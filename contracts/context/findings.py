"""What a check found: findings, and what each phase of generated requests has sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
