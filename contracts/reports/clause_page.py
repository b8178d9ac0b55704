"""A clause as a page to read: what it says, where from, and the very check that judges it."""

from __future__ import annotations

import inspect
from textwrap import indent

from duologue import openapi
from duologue.contracts.clause import Clause


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
            f"basis:   {clause.basis.value}",
            "operations:",
            indent(operations, "  "),
            "check:",
            indent(inspect.getsource(clause.check).rstrip(), "  "),
        ]
    )
