"""Faults of parts: fields that lastMessage lacks, and counts that a cap cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.domain.model import Copy, Shown
from duologue.mockserver.faults.combinators import (
    Change,
    anywhere,
    done_as,
    in_lists,
    of_groups,
    of_users,
    shown,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT

WHOLE = "connections.last-message-is-whole"
CAP = "counts.count-has-no-cap"
SHORT = 100
Where = Callable[[Copy, Shown], bool]


def in_last_message(change: Callable[[dict[str, Any]], Any], where: Where = anywhere) -> Change:
    """Change lastMessage where there is one."""
    return shown("last_message", lambda was, _: was if was is ABSENT else change(was), where)


def lacking(name: str) -> Change:
    """Show lastMessage without a field."""
    return in_last_message(
        lambda message: {key: value for key, value in message.items() if key != name}
    )


def in_data(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Return a function that changes the data of a message."""
    return lambda message: {**message, "data": change(dict(message.get("data") or {}))}


def cut(data: dict[str, Any]) -> dict[str, Any]:
    """Cut a text after 100 characters."""
    return {**data, "text": data["text"][:SHORT]} if "text" in data else data


def in_one_line(data: dict[str, Any]) -> dict[str, Any]:
    """Put a text in one line."""
    return {**data, "text": " ".join(data["text"].split())} if "text" in data else data


def without_metadata(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out the metadata."""
    return {key: value for key, value in data.items() if key != "metadata"}


def without_entities(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out the entities."""
    return {key: value for key, value in data.items() if key != "entities"}


def swapped_entities(data: dict[str, Any]) -> dict[str, Any]:
    """Swap sender and receiver among the entities."""
    entities = data.get("entities") or {}
    swapped = {"sender": entities.get("receiver"), "receiver": entities.get("sender")}
    return {**data, "entities": {**entities, **swapped}}


def of_another(name: str) -> Callable[..., Any]:
    """Show messages with `custom` for a field."""

    def show(inner: Callable[..., Any], *args: Any) -> Any:
        shown = inner(*args)
        return {**shown, name: "custom"} if shown else shown

    return show


def cut_by_id(conversation: Any) -> Any:
    """Cut the text of the lastMessage of a conversation."""
    if "lastMessage" not in conversation:
        return conversation
    return {**conversation, "lastMessage": in_data(cut)(conversation["lastMessage"])}


def capped(most: int, where: Where = anywhere) -> Change:
    """Show at most so many unread messages."""
    return shown("unread_message_count", lambda was, _: min(was, most), where)


FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"last-message-lacks-{name}",
            WHOLE,
            f"lastMessage shows no {name}, although the message has one.",
            lacking(name),
        )
        for name in ("muid", "tags")
    ),
    Fault(
        "last-message-lacks-metadata",
        WHOLE,
        "lastMessage shows no data.metadata, although the message has one.",
        in_last_message(in_data(without_metadata)),
    ),
    Fault(
        "last-message-lacks-entities",
        WHOLE,
        "lastMessage shows no data.entities.",
        in_last_message(in_data(without_entities)),
    ),
    Fault(
        "last-message-swaps-entities",
        WHOLE,
        "data.entities of lastMessage names the receiver as sender, and the other way round.",
        in_last_message(in_data(swapped_entities)),
    ),
    *(
        Fault(
            f"messages-are-of-another-{name}",
            WHOLE,
            f"Each message that is shown is of the {name} custom.",
            wrapped("show_message", of_another(name)),
        )
        for name in ("category", "type")
    ),
    Fault(
        "last-message-text-is-cut",
        WHOLE,
        "lastMessage shows the first 100 characters of a text.",
        in_last_message(in_data(cut)),
    ),
    Fault(
        "last-message-text-is-cut-in-lists",
        WHOLE,
        "lastMessage in a list shows the first 100 characters of a text.",
        in_last_message(in_data(cut), in_lists),
    ),
    Fault(
        "last-message-text-is-cut-by-id",
        WHOLE,
        "lastMessage in the deprecated GET shows the first 100 characters of a text.",
        done_as(["getConversation"], cut_by_id),
    ),
    Fault(
        "last-message-is-in-one-line",
        WHOLE,
        "lastMessage shows a text in one line.",
        in_last_message(in_data(in_one_line)),
    ),
    Fault(
        "count-stops-at-99",
        CAP,
        "unreadMessageCount is at most 99.",
        capped(99),
    ),
    Fault(
        "count-stops-at-100",
        CAP,
        "unreadMessageCount of a 1-on-1 is at most 100.",
        capped(100, of_users),
    ),
    Fault(
        "count-of-groups-stops-at-100",
        CAP,
        "unreadMessageCount of a group is at most 100.",
        capped(100, of_groups),
    ),
    Fault(
        "count-of-groups-in-lists-stops-at-99",
        CAP,
        "unreadMessageCount of a group in a list is at most 99.",
        capped(99, lambda copy, how: of_groups(copy, how) and in_lists(copy, how)),
    ),
    Fault(
        "count-in-lists-stops-at-99",
        CAP,
        "unreadMessageCount in a list is at most 99.",
        capped(99, in_lists),
    ),
    Fault(
        "count-of-groups-stops-at-50",
        CAP,
        "unreadMessageCount of a group is at most 50.",
        capped(50, of_groups),
    ),
    Fault(
        "count-of-groups-in-lists-stops-at-50",
        CAP,
        "unreadMessageCount of a group in a list is at most 50.",
        capped(50, lambda copy, how: of_groups(copy, how) and in_lists(copy, how)),
    ),
)
