"""The whole document: whatever is asked, the answer is one that it describes."""

from __future__ import annotations

from contracts.clause import Basis, clause
from contracts.drawing import alone
from contracts.ensemble import gathered
from contracts.errors import NotReached
from contracts.mapping import ELSE
from contracts.scene import Scene
from contracts.trial import Trial


@clause("The whole page", Basis.INFERRED, slow=True, heavy=True)
def answers_follow_it(scene: Scene) -> None:
    """Whatever is asked of an operation, its answer is one that the document describes."""
    scene.numbered_apart("drawn")
    trial = Trial(scene, gathered(scene))
    try:
        with alone():
            trial.run()
    finally:
        scene.phases.update(trial.phases)
        for clause_id, finding in trial.findings.by_clause():
            if clause_id == ELSE:
                scene.findings.append(finding)
            else:
                scene.report(clause_id, finding)
    if trial.untried:
        raise NotReached("; ".join(dict.fromkeys(trial.untried)))
