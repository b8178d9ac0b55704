"""One existing conversation: how it is looked at and changed, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import number_in
from duologue.contracts.http.client import Client
from duologue.contracts.http.response import Response


@dataclass(frozen=True, slots=True)
class ExistingConversation:
    """An existing conversation: the caller, the kind, and the peer's uid or guid."""

    caller: str
    kind: str
    peer: str

    def __str__(self) -> str:
        return f"{self.kind} conversation of {self.caller} with {self.peer}"

    @property
    def path(self) -> dict[str, str]:
        """The path parameter that names it."""
        return {"uid" if self.kind == "user" else "guid": self.peer}

    def operation(self, verb: str) -> str:
        """Return the operationId of get, update, or a mark (read, unread)."""
        subject = f"{self.kind.title()}Conversation"
        return f"{verb}{subject}" if verb in {"get", "update"} else f"mark{subject}As{verb.title()}"


def look(
    client: Client, one: ExistingConversation, *, cleaning: bool = False
) -> dict[str, Any] | None:
    """Return the conversation as it is now, with its tags; None where it is not shown."""
    answer = client.call(one.operation("get"), caller=one.caller, path=one.path, cleaning=cleaning)
    if not answer.ok or not isinstance(answer.data, dict):
        return None
    shown: dict[str, Any] = answer.data
    if "tags" in shown:
        return shown
    return {**shown, "tags": _listed_tags(client, one, shown, cleaning=cleaning)}


def _listed_tags(
    client: Client, one: ExistingConversation, conversation: dict[str, Any], *, cleaning: bool
) -> list[str]:
    query = {"withTags": True, "perPage": limits().largest_page}
    answer = client.call("listConversations", caller=one.caller, query=query, cleaning=cleaning)
    key = conversation.get("conversationId")
    return next((r.get("tags") or [] for r in dicts(answer) if r.get("conversationId") == key), [])


def change(
    client: Client, verb: str, one: ExistingConversation, body: Any, *, cleaning: bool = False
) -> Response:
    """Return the answer to an update or a mark."""
    return client.call(
        one.operation(verb), caller=one.caller, path=one.path, body=body, cleaning=cleaning
    )


def dicts(answer: Response) -> list[dict[str, Any]]:
    """Return the objects in a list that was answered; none where it is no list."""
    rows = answer.data if isinstance(answer.data, list) else []
    return [row for row in rows if isinstance(row, dict)]


def count_in(conversation: dict[str, Any]) -> int:
    """Return the unread count, 0 where none can be read."""
    return number_in(conversation.get("unreadMessageCount")) or 0


def tags_in(conversation: dict[str, Any]) -> list[str]:
    """Return the tags in order, none where none are shown."""
    shown = conversation.get("tags")
    return sorted(map(str, shown)) if isinstance(shown, list) else []
