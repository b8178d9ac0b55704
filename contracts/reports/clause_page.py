"""A clause as a page to read: what it says, where from, and the very check that judges it."""

from __future__ import annotations

import inspect
from textwrap import indent

from duologue import openapi
from duologue.contracts.clause import Clause
from duologue.openapi import readings
from duologue.openapi.readings import Citation, Reading


def page(clause: Clause) -> str:
    """The clause in plain lines, ending with its check's source."""
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
    """What a citation says and where it stands; of a reading all parts, with its evidence."""
    place = f"openapi/{citation.place}"
    if not isinstance(citation, Reading):
        return f"{place}\n  {citation.sentence}"
    evidence = [f"{each.number}: {each.sentence}" for each in readings.evidence_of(citation)]
    told = [
        citation.subject,
        f"documented: {citation.documented}",
        f"live: {citation.live}",
        f"tolerance: {citation.tolerance}",
        f"basis: {citation.basis}",
        *evidence,
    ]
    return "\n".join([place, *(f"  {line}" for line in told)])
