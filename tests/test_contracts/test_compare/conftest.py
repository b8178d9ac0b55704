"""Result documents for tests of their comparison."""

import pytest

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.run.origin import Origin
from duologue.contracts.run.results import Result, Run, Verdict

ORIGIN = Origin("1.2.3", "0" * 64, "abcdef0123456789", {"only": ["errors.*"], "workers": 4})


@pytest.fixture
def results():
    """Return ``results({"errors.a": "held", "errors.b": ["one way", "another"]}, ...)``.

    A verdict stands for itself, a list for a broken clause with a finding for each title.
    """

    def results(clauses, *, origin=ORIGIN, **fields):
        rows = tuple(result(name, verdict) for name, verdict in clauses.items())
        run = Run(
            "http://host/v3", 42, "2026-11-23T06:00:00+00:00", 1.5, rows, origin=origin, **fields
        )
        return run.as_dict()

    return results


def result(name, verdict):
    """Return one clause's result."""
    clause = Clause(name, f"Statement of {name}.", "Nowhere", Basis.DOCUMENTED, (), print)
    if isinstance(verdict, str):
        why = f"why of {verdict}" if verdict in ("not_reached", "error") else ""
        return Result(clause, Verdict(verdict), why=why)
    findings = [Finding(title, "1", f"got by {title}", ("curl x",)) for title in verdict]
    return Result(clause, Verdict.BROKEN, tuple(findings))
