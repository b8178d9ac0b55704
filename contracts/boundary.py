"""Boundaries by hand: what a refusal of one value past a limit looks like."""

from __future__ import annotations

from contracts.scene import Scene
from contracts.transport import Answer


def refused(scene: Scene, operation_id: str, answer: Answer) -> None:
    """Broken unless the answer refuses the request itself.

    A refusal is 4xx with an error code, whichever (readings B11): the same caller has just had
    the last allowed value taken in the same conversation, so that nothing else can be refused.
    """
    scene.require(
        f"{operation_id} with one value past the limit",
        400 <= answer.status < 500 and bool(answer.code),
        expected="a refusal (4xx with an error code)",
        actual=answer,
    )
