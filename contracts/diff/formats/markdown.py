"""Markdown for a pull request or a job's summary."""

from __future__ import annotations

from duologue.contracts.diff.findings import Difference, FindingGroup, causes
from duologue.contracts.diff.formats.text import operations, verdict, witness
from duologue.contracts.escaping import in_markdown

SHOWN = 50


def markdown(difference: Difference) -> str:
    """Return a heading with the verdict and a table of the causes."""
    lines = ["## API changes", "", in_markdown(verdict(difference)), ""]
    found = causes(difference.findings)
    if found:
        lines += ["| severity | change | where | operations | witness |", "|---|---|---|---|---|"]
        lines += [_row(each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"\n{len(found) - SHOWN} more are left out.")
    return "\n".join(lines) + "\n"


def _row(cause: FindingGroup) -> str:
    finding = cause.first
    notes = [f"`{finding.rule}` {in_markdown(finding.sentence)}"]
    if finding.consumers:
        notes.append(f"hits {in_markdown(', '.join(finding.consumers))}")
    if finding.ignored is not None:
        notes.append(f"ignored: {in_markdown(finding.ignored)}")
    if finding.clauses:
        notes.append(f"clauses: {in_markdown(', '.join(finding.clauses))}")
    shown = f"<code>{in_markdown(witness(finding.witness[0]))}</code>" if finding.witness else ""
    place = in_markdown(str(finding.where))
    cells = (
        finding.severity.value,
        "<br>".join(notes),
        place,
        in_markdown(operations(cause)),
        shown,
    )
    return f"| {' | '.join(cells)} |"
