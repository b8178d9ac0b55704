"""Markdown for a pull request or a job's summary."""

from __future__ import annotations

from duologue.contracts.diff.findings import Cause, Difference, causes
from duologue.contracts.diff.formats.text import operations, verdict, witness
from duologue.contracts.escapes import cell

SHOWN = 50


def markdown(difference: Difference) -> str:
    """Return a heading with the verdict and a table of the causes."""
    lines = ["## API changes", "", cell(verdict(difference)), ""]
    found = causes(difference.findings)
    if found:
        lines += ["| severity | change | where | operations | witness |", "|---|---|---|---|---|"]
        lines += [_row(each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"\n{len(found) - SHOWN} more are left out.")
    return "\n".join(lines) + "\n"


def _row(cause: Cause) -> str:
    finding = cause.first
    notes = [f"`{finding.rule}` {cell(finding.sentence)}"]
    if finding.consumers:
        notes.append(f"hits {cell(', '.join(finding.consumers))}")
    if finding.ignored is not None:
        notes.append(f"ignored: {cell(finding.ignored)}")
    if finding.clauses:
        notes.append(f"clauses: {cell(', '.join(finding.clauses))}")
    shown = f"<code>{cell(witness(finding.witness[0]))}</code>" if finding.witness else ""
    place = cell(str(finding.where))
    cells = (finding.severity.value, "<br>".join(notes), place, cell(operations(cause)), shown)
    return f"| {' | '.join(cells)} |"
