"""A clause as text: its statement, its source, and the source code of its check."""

from __future__ import annotations

import inspect
from textwrap import indent

from duologue import openapi
from duologue.contracts.clause import Clause
from duologue.openapi import readings
from duologue.openapi.readings import Citation, Reading


def page(clause: Clause) -> str:
    """Return the clause as plain lines, ending with its check's source code."""
    calls = {row.id: f"{row.method.upper()} {row.path}" for row in openapi.operations()}
    operations = "\n".join(f"{name}  {calls[name]}" for name in clause.operations)
    return "\n".join(
        [
            clause.id,
            "",
            indent(clause.statement, "  "),
            "",
            f"source:  {clause.source}",
            *(indent(_cited(each), "  ") for each in readings.resolve(clause.source)),
            f"basis:   {clause.basis.value}",
            "operations:",
            indent(operations, "  "),
            "check:",
            indent(inspect.getsource(clause.check).rstrip(), "  "),
        ]
    )


def _cited(citation: Citation) -> str:
    """Return what a citation says and where it stands; of a reading all parts and its evidence."""
    place = f"openapi/{citation.place}"
    if not isinstance(citation, Reading):
        return f"{place}\n  {citation.sentence}"
    evidence = [f"{each.number}: {each.sentence}" for each in readings.evidence_of(citation)]
    lines = [
        citation.subject,
        f"documented: {citation.documented}",
        f"live: {citation.live}",
        f"tolerance: {citation.tolerance}",
        f"basis: {citation.basis}",
        *evidence,
    ]
    return "\n".join([place, *(f"  {line}" for line in lines)])
