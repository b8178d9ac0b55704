"""New users to whom the target gives conversations (a welcome message, a default group).

Their lists are emptied: what a clause expects in a list is what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from duologue.contracts.context.conversation_view import list_rows, peer_of
from duologue.contracts.errors import NotReached
from duologue.contracts.http.client import Client

PAUSE_S = 0.1
PATIENCE_S = 1.0  # for what a target gives, beside three times its lag
MOST_GIVEN = 5  # more is a list that shows what it should not, for a clause to tell


def given_conversations(client: Client, uids: Sequence[str]) -> int:
    """Return how many conversations all these new users have, with the same peers.

    0 where the list does not tell.
    """
    try:
        peers = [{peer_of(row) for row in list_rows(client, uid)} - {None} for uid in uids]
    except NotReached:
        return 0
    given = len(set.intersection(*peers))
    return given if given <= MOST_GIVEN else 0


def empty_list(
    client: Client, uid: str, *, given: int, lag_s: float, sleep: Callable[[float], None]
) -> None:
    """Delete the ``given`` conversations of a new user, once they are listed.

    What is not listed in time or not deleted stays: the clauses will say what is in their way.
    """
    pauses = int((PATIENCE_S + 3 * lag_s) / PAUSE_S)

    def listed(are_final: Callable[[list[Any]], bool]) -> list[Any]:
        rows = list_rows(client, uid)
        for _ in range(pauses):
            if are_final(rows):
                break
            sleep(PAUSE_S)
            rows = list_rows(client, uid)
        return rows

    with suppress(NotReached):
        for row in listed(lambda rows: len(rows) >= given):
            _delete(client, uid, row)
        listed(lambda rows: not rows)


def _delete(client: Client, uid: str, row: Any) -> None:
    key = row.get("conversationId") if isinstance(row, dict) else None
    if isinstance(key, str) and key:
        client.call("deleteConversation", caller=uid, path={"conversationId": key})
