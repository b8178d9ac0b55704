"""Annotations of GitHub Actions: workflow commands, at most ten."""

from __future__ import annotations

from duologue.contracts.diff.findings import Difference, FindingGroup, Severity, causes
from duologue.contracts.diff.formats.text import operations, verdict, witness
from duologue.contracts.escaping import printable, workflow_data, workflow_property

MOST = 10
COMMANDS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(difference: Difference) -> str:
    """Return one annotation for each of the ten worst causes, and the verdict as a line."""
    found = causes(difference.counted)
    lines = [_annotation(each) for each in found[:MOST]]
    more = f" ({len(found) - MOST} more are not shown)" if len(found) > MOST else ""
    return "\n".join([*lines, f"{verdict(difference)}{more}"]) + "\n"


def _annotation(cause: FindingGroup) -> str:
    finding = cause.first
    shown = f"\nwitness: {witness(finding.witness[0])}" if finding.witness else ""
    words = f"{printable(finding.sentence)}\n{operations(cause)}{shown}"
    place = f"file={workflow_property(finding.where.file)},line={finding.where.line}"
    title = workflow_property(f"{finding.severity.value}: {finding.rule}")
    return f"::{COMMANDS[finding.severity]} {place},title={title}::{workflow_data(words)}"
