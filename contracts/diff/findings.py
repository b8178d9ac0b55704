"""Findings: one difference of one operation, how much it hurts, and where it stands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from duologue.contracts.diff.located import Location


class Severity(StrEnum):
    """What a difference means to those who use the API today."""

    BREAKING = "breaking"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class DiffFinding:
    """One difference.

    ``subject`` says what of the operation it is about (`query.page`, `200`, `body tags[]`), and is
    a part of the fingerprint together with rule, operation, side and ``detail``; sentence, file and
    line are not. ``witness`` holds one value, or none.
    """

    rule: str
    severity: Severity
    operation: str
    side: str
    subject: str
    sentence: str
    where: Location
    detail: tuple[Any, ...] = ()
    clauses: tuple[str, ...] = ()
    witness: tuple[Any, ...] = ()
    operation_key: str = ""
    call: str = ""  # the callback or webhook that it is about
    uses: tuple[str, ...] = ()  # what a consumer has to use to be hit: see usage.py
    consumers: tuple[str, ...] = ()
    ignored: str | None = None

    @property
    def fingerprint(self) -> str:
        """Return 12 hexadecimal digits, the same for the same difference in each comparison."""
        operation = self.operation_key or self.operation
        parts = [self.rule, operation, self.side, self.subject, list(self.detail)]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the JSON report has it."""
        written: dict[str, Any] = {
            "fingerprint": self.fingerprint,
            "rule": self.rule,
            "severity": self.severity.value,
            "operation": self.operation,
            "side": self.side,
            "subject": self.subject,
            "sentence": self.sentence,
            "file": self.where.file,
            "line": self.where.line,
            "clauses": list(self.clauses),
            "consumers": list(self.consumers),
            "ignored": self.ignored,
        }
        return written | ({"witness": self.witness[0]} if self.witness else {})


@dataclass(frozen=True)
class Difference:
    """All findings of one comparison, the worst first, and what was wrong with an ignore file."""

    old: str
    new: str
    findings: tuple[DiffFinding, ...]
    unused: tuple[str, ...] = field(default=())

    @property
    def counted(self) -> tuple[DiffFinding, ...]:
        """Return the findings that no entry ignores."""
        return tuple(each for each in self.findings if each.ignored is None)

    def fails(self, fail_on: str, *, only_used: bool = False) -> bool:
        """Tell whether a finding is as bad as `breaking`, `warning` or `any`."""
        least = {"breaking": 1, "warning": 2, "any": 3}[fail_on]
        bad = tuple(Severity)[:least]
        return any(
            each.severity in bad and (each.consumers or not only_used) for each in self.counted
        )

    def count(self, severity: Severity) -> int:
        """Return how many findings of a severity are not ignored."""
        return sum(1 for each in self.counted if each.severity is severity)


@dataclass(frozen=True)
class FindingGroup:
    """Findings with one cause: the same rule and words at the same place, in some operations."""

    first: DiffFinding
    operations: tuple[str, ...]


def causes(findings: tuple[DiffFinding, ...]) -> list[FindingGroup]:
    """Return the findings by their causes, in their order."""
    grouped: dict[tuple[Any, ...], list[DiffFinding]] = {}
    for each in findings:
        key = (each.rule, each.severity, each.where, each.sentence, each.ignored, each.side)
        grouped.setdefault(key, []).append(each)
    return [
        FindingGroup(group[0], tuple(dict.fromkeys(each.operation for each in group)))
        for group in grouped.values()
    ]
