"""The messages of an existing conversation, as the caller's list of messages shows them."""

from __future__ import annotations

from typing import Any

from duologue.contracts.context.existing_data.conversation import ExistingConversation, dicts
from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import number_in
from duologue.contracts.http.client import Client

MOST_PAGES = 50


def messages_of(
    client: Client, one: ExistingConversation, *, cleaning: bool = False
) -> list[dict[str, Any]]:
    """Return the conversation's messages, oldest first."""
    found: list[dict[str, Any]] = []
    for page in range(1, MOST_PAGES + 1):
        query = {"perPage": limits().largest_page, "page": page}
        answer = client.call("listMessages", caller=one.caller, query=query, cleaning=cleaning)
        found += [row for row in dicts(answer) if _is_of(one, row)]
        if len(dicts(answer)) < limits().largest_page:
            break
    return sorted(found, key=lambda row: number_in(row.get("id")) or 0)


def of_others(messages: list[dict[str, Any]], one: ExistingConversation) -> list[int]:
    """Return the places of the messages that others than the caller wrote."""
    return [n for n, row in enumerate(messages) if row.get("sender") != one.caller]


def _is_of(one: ExistingConversation, message: dict[str, Any]) -> bool:
    ends = (message.get("receiver"), message.get("sender") if one.kind == "user" else None)
    is_between = message.get("receiverType") == one.kind and one.peer in ends
    return is_between and number_in(message.get("id")) is not None
