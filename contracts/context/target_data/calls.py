"""The calls that look up and remove test data, by kind."""

from __future__ import annotations

from typing import Any

from duologue.contracts.errors import NotReached
from duologue.contracts.http.client import Client
from duologue.contracts.http.response import Response

REMOVALS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "message": ("deleteMessage", "id", {"permanent": True}),
    "group": ("deleteGroup", "guid", None),
    "user": ("deleteUser", "uid", {"permanent": True}),
}
LOOKUPS = {
    "message": ("getMessage", "id"),
    "group": ("getGroup", "guid"),
    "user": ("getUser", "uid"),
}
LOOKUP_CONVERSATION = {
    "user": ("getUserConversation", "uid"),
    "group": ("getGroupConversation", "guid"),
}


def remove(client: Client, kind: str, key: str, *, caller: str | None = None) -> Response:
    """Return the answer to removing a user, group or message for good."""
    operation, name, body = REMOVALS[kind]
    return client.call(operation, caller=caller, path={name: key}, body=body, cleaning=True)


def done(answer: Response) -> Response:
    """Return the answer; raise NotReached where test data was not made."""
    if not answer.ok or not isinstance(answer.data, dict):
        raise NotReached(f"making test data was answered {answer}")
    return answer
