"""Look up what was removed: whether it is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from duologue.contracts.context.target_data import LOOKUPS
from duologue.contracts.errors import ContractsError
from duologue.contracts.http.client import Client

PAUSE_S = 0.5


def still_there(
    client: Client, removed: Mapping[str, str], *, sleep: Callable[[float], None]
) -> list[str]:
    """Return, in words, each of these removed things (kind -> id) that is still shown.

    A removal may show late, so each is looked up until the time to settle is over.
    """
    return [
        f"{kind} {key} (its removal was answered as done, and it is still there;"
        f" other {kind}s may be, too)"
        for kind, key in removed.items()
        if _is_shown(client, kind, key, sleep=sleep)
    ]


def _is_shown(client: Client, kind: str, key: str, *, sleep: Callable[[float], None]) -> bool:
    operation, name = LOOKUPS[kind]
    for _ in range(1 + round(client.target.settle_s / PAUSE_S)):
        try:
            answer = client.call(operation, path={name: key}, cleaning=True)
        except ContractsError:
            return False  # unknown, and said by nothing
        if not answer.ok or _is_marked_deleted(answer.data):
            return False
        sleep(PAUSE_S)
    return True


def _is_marked_deleted(shown: object) -> bool:
    """Whether a thing is shown as deleted: a deactivated user, a message whose text is gone."""
    return isinstance(shown, dict) and bool({"deactivatedAt", "deletedAt"} & shown.keys())
