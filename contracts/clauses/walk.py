"""Everything in any order: whatever two people do, both see what should have come of it."""

from __future__ import annotations

from contracts.cast import NOTHING_NEW, FixedCast
from contracts.clause import ALL_OPERATIONS, Basis, clause
from contracts.drawing import alone
from contracts.errors import NotStaged
from contracts.scene import Scene


@clause("The whole page", Basis.INFERRED, operations=ALL_OPERATIONS, slow=True, heavy=True)
def state_follows_a_model(scene: Scene) -> None:
    """Whatever two people do, in any order, both see what should have come of it.

    They write, read, mark, tag, reset and delete; their counts, tags, last messages and what
    exists are held against a model.
    """
    if isinstance(scene.cast, FixedCast):
        raise NotStaged(NOTHING_NEW)
    scene.numbered_apart("walk")
    with alone():
        from contracts.walk import walk  # noqa: PLC0415 - Hypothesis takes its time to load

        walk(scene)
