"""Boundaries by hand: what a refusal of one value past a limit looks like."""

from __future__ import annotations

from contracts.scene import Scene
from contracts.transport import Answer


def refused(scene: Scene, operation_id: str, answer: Answer) -> None:
    """Broken unless the answer refuses the request itself.

    A refusal is 4xx with an error code. 401, 403 and 404 refuse something else (the key, the
    caller, the conversation), which was valid here, so they do not count.
    """
    scene.require(
        f"{operation_id} with one value past the limit",
        400 <= answer.status < 500 and answer.status not in (401, 403, 404) and bool(answer.code),
        expected="a refusal (4xx with an error code)",
        actual=answer,
    )
