"""Everything in any order: whatever two people do, both see what should have come of it."""

from __future__ import annotations

from duologue.contracts.clause import ALL_OPERATIONS, Basis, clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.existing_data import NOTHING_NEW
from duologue.contracts.errors import NotStaged
from duologue.contracts.fuzz.hypothesis_lock import exclusive_hypothesis


@clause("The whole page", Basis.INFERRED, operations=ALL_OPERATIONS, slow=True, heavy=True)
def state_follows_a_model(context: CheckContext) -> None:
    """Whatever two people do, in any order, both see what should have come of it.

    They write, read, mark, tag, reset and delete; their counts, tags, last messages and what
    exists are held against a model.
    """
    if context.existing is not None:
        raise NotStaged(NOTHING_NEW)
    from duologue.contracts.stateful.machine import run_machine  # noqa: PLC0415 - loading Hypothesis is slow

    context.data.number_apart("walk")
    with exclusive_hypothesis():
        run_machine(context)
