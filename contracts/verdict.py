"""What was found: verdicts, findings, and the one result document that all reports read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.clause import Clause

SCHEMA_VERSION = "1.0"


class Verdict(StrEnum):
    """How a clause fared on a target."""

    HELD = "held"
    BROKEN = "broken"
    NOT_REACHED = "not_reached"
    NOT_STAGED = "not_staged"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: what was required, what came, and the calls that show it."""

    title: str
    expected: str
    actual: str
    calls: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as it stands in results.json."""
        return {
            "title": self.title,
            "expected": self.expected,
            "actual": self.actual,
            "calls": list(self.calls),
        }


@dataclass(frozen=True, slots=True)
class Result:
    """One clause's verdict, why, and what it took."""

    clause: Clause
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    why: str = ""
    duration_s: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The result as it stands in results.json."""
        return {
            "id": self.clause.id,
            "statement": self.clause.statement,
            "source": self.clause.source,
            "basis": self.clause.basis.value,
            "operations": list(self.clause.operations),
            "verdict": self.verdict.value,
            "why": self.why,
            "duration_s": round(self.duration_s, 3),
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Run:
    """One run over one target; ``operations`` maps operationId -> status -> answers."""

    target: str
    seed: int
    started_at: str
    duration_s: float
    results: tuple[Result, ...]
    operations: dict[str, dict[int, int]] = field(default_factory=dict)
    unreached_operations: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def summary(self) -> dict[str, int]:
        """Verdict -> number of clauses, every verdict named."""
        counted = Counter(result.verdict for result in self.results)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @property
    def green(self) -> bool:
        """Whether something was shown and nothing speaks against it."""
        summary = self.summary
        return (
            not summary["broken"]
            and not summary["not_reached"]
            and not self.unreached_operations
            and summary["held"] > 0
        )

    @property
    def exit_code(self) -> int:
        """0 all held, 1 something is not, 130 interrupted."""
        if self.interrupted:
            return 130
        return 0 if self.green else 1

    def as_dict(self) -> dict[str, Any]:
        """The result document (see results.schema.json beside this module)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "target": self.target,
            "seed": self.seed,
            "started_at": self.started_at,
            "duration_s": round(self.duration_s, 3),
            "interrupted": self.interrupted,
            "summary": self.summary,
            "unreached_operations": list(self.unreached_operations),
            "left_behind": list(self.left_behind),
            "operations": {
                name: {
                    "requests": sum(statuses.values()),
                    "by_status": {str(status): n for status, n in statuses.items()},
                }
                for name, statuses in self.operations.items()
            },
            "clauses": [result.as_dict() for result in self.results],
        }


def merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """One finding a cause: those that expect and got the same are told once, titles joined."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.expected, finding.actual)
        known = first.get(key)
        if known is None:
            first[key] = finding
        elif finding.title not in known.title.split("; "):
            title = f"{known.title}; {finding.title}"
            first[key] = Finding(title, known.expected, known.actual, known.calls)
    return tuple(first.values())
