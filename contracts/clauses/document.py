"""The whole document: whatever is asked, the answer is one that it describes."""

from __future__ import annotations

from duologue.contracts.clause import Basis, clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.fuzz.campaign import Campaign
from duologue.contracts.fuzz.engine_process import EngineProcess, started_engine
from duologue.contracts.fuzz.known_ids import collect_known_ids
from duologue.contracts.fuzz.triage import DOCUMENT_CLAUSE


@clause("The whole page", Basis.INFERRED, slow=True, heavy=True)
def answers_follow_it(context: CheckContext) -> None:
    """Whatever is asked of an operation, its answer is one that the document describes."""
    context.data.number_apart("drawn")
    with started_engine() as engine:  # it loads while the conversations are made
        _run_campaign(context, engine)


def _run_campaign(context: CheckContext, engine: EngineProcess) -> None:
    campaign = Campaign(context, collect_known_ids(context), engine)
    try:
        campaign.run()
    finally:
        context.phases.update(campaign.phases)
        for clause_id, finding in campaign.findings.by_clause():
            if clause_id == DOCUMENT_CLAUSE:
                context.findings.own.append(context.findings.by_role(finding))
            else:
                context.findings.add_elsewhere(clause_id, finding)
    campaign.must_be_whole()
