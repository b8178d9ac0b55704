"""The messages of an existing conversation, as the caller's list of messages shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.existing_data.conversation import ExistingConversation, dicts
from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import number_in
from duologue.contracts.http.client import Client

MOST_PAGES = 50


Message = dict[str, Any]


@dataclass(slots=True)
class MessageHistories:
    """The messages of a run's existing conversations, each read once while nothing is written."""

    _kept: dict[ExistingConversation, tuple[str, list[Message]]] = field(default_factory=dict)

    def all_with(
        self, client: Client, one: ExistingConversation, *, shown: Message, receipts: Sequence[str]
    ) -> list[Message] | None:
        """Return the messages, oldest first; None where one of others lacks a receipt.

        ``shown`` is the conversation as it is now. The first page with such a message ends the
        reading; what was read before holds until another message is the last one.
        """
        last = shown.get("lastMessage")
        newest = str(last.get("id", "")) if isinstance(last, dict) else ""
        kept_newest, found = self._kept.get(one, ("", []))
        if not newest or kept_newest != newest:
            found = []
            for page in pages_of(client, one, shown=shown):
                found += page
                if _lacks(page, one, receipts):
                    break
            self._kept[one] = newest, found
        return None if _lacks(found, one, receipts) else in_order(found)


def messages_of(
    client: Client, one: ExistingConversation, *, shown: Message, cleaning: bool = False
) -> list[Message]:
    """Return the messages of a conversation that is shown so, oldest first."""
    pages = pages_of(client, one, shown=shown, cleaning=cleaning)
    return in_order([row for page in pages for row in page])


def pages_of(
    client: Client, one: ExistingConversation, *, shown: Message, cleaning: bool = False
) -> Iterator[list[Message]]:
    """Yield the conversation's messages page by page.

    They are asked for by the conversation's id: without it, all of the caller's would be read.
    """
    key = shown.get("conversationId")
    named = {"conversationId": key} if isinstance(key, str) and key else {}
    for page in range(1, MOST_PAGES + 1):
        query = {**named, "perPage": limits().largest_page, "page": page}
        answer = client.call("listMessages", caller=one.caller, query=query, cleaning=cleaning)
        yield [row for row in dicts(answer) if _is_of(one, row)]
        if len(dicts(answer)) < limits().largest_page:
            return


def in_order(messages: list[Message]) -> list[Message]:
    """Return messages by their ids, the oldest first."""
    return sorted(messages, key=lambda row: number_in(row.get("id")) or 0)


def _lacks(messages: list[Message], one: ExistingConversation, receipts: Sequence[str]) -> bool:
    places = of_others(messages, one)
    return any(not messages[place].get(receipt) for place in places for receipt in receipts)


def of_others(messages: list[dict[str, Any]], one: ExistingConversation) -> list[int]:
    """Return the places of the messages that others than the caller wrote."""
    return [n for n, row in enumerate(messages) if row.get("sender") != one.caller]


def _is_of(one: ExistingConversation, message: dict[str, Any]) -> bool:
    ends = (message.get("receiver"), message.get("sender") if one.kind == "user" else None)
    is_between = message.get("receiverType") == one.kind and one.peer in ends
    return is_between and number_in(message.get("id")) is not None
