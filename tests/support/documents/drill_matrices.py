"""Builders of drill matrices for tests."""

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import REGISTRY
from duologue.contracts.drill.driven_mock import FaultInfo
from duologue.contracts.drill.matrix import Matrix
from duologue.contracts.drill.worker import Outcome

ONE, TWO, THREE = "errors.uid-not-found", "errors.guid-not-found", "errors.envelope"


def matrix_of(verdicts, *, healthy=None, complete=False, max_collateral=0, of=(ONE, TWO)):
    """Return a matrix of two faults, ``first`` and ``second``, with these verdicts."""
    known = tuple(
        FaultInfo(name, clause, f"{name} goes wrong.")
        for name, clause in zip(("first", "second"), of, strict=True)
    )
    return Matrix(
        started_at="2026-11-23T00:00:00+00:00",
        duration_s=1.5,
        workers=2,
        max_collateral=max_collateral,
        clauses=tuple(REGISTRY[each] for each in (ONE, TWO, THREE)),
        faults=known,
        outcomes={
            fault.name: Outcome(fault.name, verdicts.get(fault.name, {}), (), None, 0.5)
            for fault in known
        },
        healthy=(Outcome("", healthy or {}, (), None, 0.5),),
        is_complete=complete,
    )


def matrix_all_killed(**more):
    """Return a matrix in which each fault breaks its own clause and no other."""
    return matrix_of({"first": {ONE: "broken"}, "second": {TWO: "broken"}}, **more)
