"""The whole document: whatever is asked, the answer is one that it describes."""

from __future__ import annotations

from duologue.contracts.clause import Basis, clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.fuzz.engine_process import started_engine
from duologue.contracts.fuzz.lanes import Lanes
from duologue.contracts.fuzz.triage import DOCUMENT_CLAUSE


@clause("The whole page", Basis.INFERRED, slow=True, heavy=True)
def answers_follow_it(context: CheckContext) -> None:
    """Whatever is asked of an operation, its answer is one that the document describes."""
    with started_engine() as engine:  # it loads while the conversations are made
        lanes = Lanes(context, engine)
        try:
            lanes.run()
        finally:
            _report(context, lanes)
    lanes.must_be_whole()


def _report(context: CheckContext, lanes: Lanes) -> None:
    context.phases.update(lanes.phases)
    for clause_id, finding in lanes.findings.by_clause():
        if clause_id == DOCUMENT_CLAUSE:
            context.findings.own.append(context.findings.by_role(finding))
        else:
            context.findings.add_elsewhere(clause_id, finding)
