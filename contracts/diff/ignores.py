"""The list of differences that are known and let through, given with --ignore."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from duologue.contracts.diff.errors import ListUnreadable
from duologue.contracts.diff.findings import DiffFinding
from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable


@dataclass(frozen=True)
class IgnoreEntry:
    """One line of the list: a fingerprint, or a rule and an operation, until a day."""

    reason: str
    until: dt.date
    fingerprint: str | None = None
    rule: str | None = None
    operation: str | None = None

    @property
    def shown(self) -> str:
        """Return how messages call the entry."""
        return self.fingerprint or f"{self.rule} of {self.operation}"

    def covers(self, finding: DiffFinding) -> bool:
        """Tell whether the entry is about a finding."""
        if self.fingerprint is not None:
            return finding.fingerprint == self.fingerprint
        return finding.rule == self.rule and finding.operation == self.operation


def read_ignores(paths: Sequence[Path]) -> tuple[IgnoreEntry, ...]:
    """Return the entries of these files; raise ListUnreadable for what is not as described."""
    return tuple(entry for path in paths for entry in _entries(path))


def _entries(path: Path) -> list[IgnoreEntry]:
    content = read_checked(path, "ignore.schema.json")
    entries = []
    for each in content["ignore"]:
        try:
            until = dt.date.fromisoformat(str(each["until"]))
        except ValueError:
            raise ListUnreadable(str(path), f"{each['until']!r} is no day (YYYY-MM-DD)") from None
        rest = {key: each.get(key) for key in ("fingerprint", "rule", "operation")}
        entries.append(IgnoreEntry(each["reason"], until, **rest))
    return entries


def read_checked(path: Path, schema: str) -> dict[str, Any]:
    """Return a YAML or JSON file that keeps a schema of this package; raise ListUnreadable."""
    import jsonschema_rs  # noqa: PLC0415 - only where a list is given

    try:
        content = user_files.from_yaml(user_files.read_bytes(path), _Loader)
    except (OSError, Unparsable) as cause:
        raise ListUnreadable(str(path), str(cause)) from cause
    rules = json.loads(files("duologue.contracts.diff").joinpath(schema).read_text("utf-8"))
    try:
        errors = list(jsonschema_rs.validator_for(rules).iter_errors(content))
    except ValueError as cause:
        raise ListUnreadable(str(path), str(cause)) from cause
    if errors:
        place = "/".join(str(each) for each in errors[0].instance_path) or "the whole"
        raise ListUnreadable(str(path), f"{place}: {errors[0].message}")
    return dict(content)


class _Loader(yaml.SafeLoader):
    """YAML in which a day stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def apply_ignores(
    findings: Sequence[DiffFinding], entries: Sequence[IgnoreEntry], today: dt.date
) -> tuple[tuple[DiffFinding, ...], tuple[str, ...]]:
    """Return the findings with the reason of what is ignored, and sentences about idle entries."""
    marked = tuple(_marked(each, entries, today) for each in findings)
    idle = []
    for entry in entries:
        if entry.until < today:
            idle.append(f"{entry.shown}: its last day was {entry.until}")
        elif not any(entry.covers(each) for each in findings):
            idle.append(f"{entry.shown}: no such difference occurs")
    return marked, tuple(idle)


def _marked(finding: DiffFinding, entries: Sequence[IgnoreEntry], today: dt.date) -> DiffFinding:
    for entry in entries:
        if entry.until >= today and entry.covers(finding):
            return replace(finding, ignored=entry.reason)
    return finding
