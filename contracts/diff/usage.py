"""What consumers use: marks the differences that one of them is hit by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from duologue.contracts.diff.findings import DiffFinding
from duologue.contracts.diff.ignores import read_checked

_NAMED = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class ConsumerUsage:
    """One consumer's use: operation without names of path parameters -> what was used of it."""

    consumer: str
    operations: dict[str, dict[str, Any]]

    def is_hit(self, finding: DiffFinding) -> bool:
        """Tell whether the consumer uses what a finding is about.

        A finding names what it is about: a parameter, `body FIELD`, `status CODE FIELD`, or an
        empty text for the operation itself. A finding without a name hits nobody.
        """
        if not finding.operation:
            return bool(finding.uses)
        used = self.operations.get(finding.operation_key)
        return used is not None and any(_is_used(used, each) for each in finding.uses)


def _is_used(used: dict[str, Any], name: str) -> bool:
    kind, _, rest = name.partition(" ")
    if not name:
        return True
    if kind == "body":
        fields = used.get("body_fields", {})
        return bool(fields) if not rest else rest in fields
    if kind == "status":
        code, _, field = rest.partition(" ")
        known = used.get("answer_fields")
        seen = any(_covers(code, each) for each in used.get("statuses", {}))
        return seen and (not field or known is None or field in known)
    place, _, parameter = name.partition(".")
    names = used.get("parameters", {})
    same = {each.lower() for each in names} if place == "header" else set(names)
    return (
        place == "path" or (name.lower() if place == "header" else f"{place}.{parameter}") in same
    )


def _covers(code: str, status: str) -> bool:
    return code in (status, "default") or code.upper() == f"{status[:1]}XX"


def read_usages(paths: Sequence[Path]) -> tuple[ConsumerUsage, ...]:
    """Return what these files say; raise ListUnreadable for one that is not as described."""
    usages = []
    for path in paths:
        content = read_checked(path, "usage.schema.json")
        operations = {_NAMED.sub("{}", key): each for key, each in content["operations"].items()}
        usages.append(ConsumerUsage(content["consumer"], operations))
    return tuple(usages)


def mark(
    findings: Sequence[DiffFinding], usages: Sequence[ConsumerUsage]
) -> tuple[DiffFinding, ...]:
    """Return the findings with the consumers that each one hits."""
    return tuple(
        replace(each, consumers=tuple(one.consumer for one in usages if one.is_hit(each)))
        for each in findings
    )
