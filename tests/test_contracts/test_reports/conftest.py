"""A result document for tests of the report formats."""

import pytest

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.run.results import Result, Run, Verdict

ODD = "\x00\x1b[2J\ud800 </x> ]]> & [bold] \u202e \x85 🎂 \uffff"


@pytest.fixture
def document():
    """Return a run with one clause of each verdict; its texts hold what formats cannot hold."""
    findings = (Finding(f"title {ODD}", f"a {ODD}", f"b {ODD}\n  c", (f"curl -X GET {ODD}",)),)
    results = tuple(
        Result(
            Clause(
                f"errors.{verdict.value.replace('_', '-')}",
                "A statement.\n\nAnd more of it.",
                "Nowhere",
                Basis.OBSERVED,
                ("getConversation",),
                print,
            ),
            verdict,
            findings if verdict is Verdict.BROKEN else (),
            f"why {ODD}" if verdict is not Verdict.HELD else "",
            0.25,
            traceback=f"Traceback {ODD}" if verdict is Verdict.ERROR else "",
        )
        for verdict in Verdict
    )
    return Run(
        "http://host/v3",
        42,
        "2026-11-23T06:00:00+00:00",
        1.5,
        results,
        operations={"getConversation": {200: 3, 404: 1}},
        unreached_operations=("deleteConversation",),
        left_behind=(f"user x {ODD}",),
    ).as_dict()
