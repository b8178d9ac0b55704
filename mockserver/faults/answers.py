"""Faults in answers that show a conversation beside its GET: by id, of an update, of unread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.faults.combinators import Body, Change, done_as, with_own_state
from duologue.mockserver.faults.consistency import SAME, UPDATES, with_first_message
from duologue.mockserver.faults.fault import Fault

COUNT = "properties.unread-message-count-is-an-integer"
TIME = "properties.updated-at-is-unix-seconds"
ID = "properties.conversation-id-is-a-string"
UNREADS = ("markUserConversationAsUnread", "markGroupConversationAsUnread")


def in_unread(change: Callable[[Body], Body]) -> Change:
    """Change the conversation that marking as unread answers with."""

    def around(data: Any) -> Any:
        return {**data, "conversation": change(data["conversation"])}

    return done_as(UNREADS, around)


def without(name: str) -> Callable[[Body], Body]:
    """Return a function that leaves a property out."""
    return lambda shown: {key: value for key, value in shown.items() if key != name}


def renamed(shown: Body) -> Body:
    """Show the peer by the first letter of its name, if another fault leaves it one."""
    peer = shown["conversationWith"]
    short = {"name": peer["name"][:1]} if "name" in peer else {}
    return {**shown, "conversationWith": {**peer, **short}}


def earlier(shown: Body) -> Body:
    """Show a createdAt of a minute before."""
    return {**shown, "createdAt": shown["createdAt"] - 60}


def with_first_in_unread() -> Change:
    """Keep showing a deleted last message in the answer to unread."""
    seen: dict[str, Any] = {}

    def change(shown: Body) -> Body:
        last = shown.get("lastMessage") or seen.get(shown["conversationId"])
        return {**shown, "lastMessage": seen.setdefault(shown["conversationId"], last)}

    return in_unread(change)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "unread-answer-shows-no-unread",
        SAME,
        "The conversation that marking as unread answers with has a count of 0.",
        in_unread(lambda shown: {**shown, "unreadMessageCount": 0}),
    ),
    Fault(
        "unread-answer-has-no-last-message",
        SAME,
        "The conversation that marking as unread answers with has no lastMessage.",
        in_unread(without("lastMessage")),
    ),
    Fault(
        "unread-answer-has-another-id",
        SAME,
        "The conversation that marking as unread answers with has another id.",
        in_unread(lambda shown: {**shown, "conversationId": f"{shown['conversationId']}_1"}),
    ),
    Fault(
        "unread-answer-shows-the-deleted",
        SAME,
        "The conversation that marking as unread answers with shows a deleted message.",
        with_own_state(with_first_in_unread),
    ),
    Fault(
        "update-shows-the-deleted",
        SAME,
        "The answer to an update shows a last message that was deleted since.",
        with_own_state(lambda: with_first_message(*UPDATES)),
    ),
    Fault(
        "update-shows-an-earlier-created-at",
        SAME,
        "The answer to an update shows a createdAt of a minute before.",
        done_as(UPDATES, earlier),
    ),
    Fault(
        "by-id-shows-an-earlier-created-at",
        SAME,
        "The deprecated GET shows a createdAt of a minute before.",
        done_as(["getConversation"], earlier),
    ),
    Fault(
        "by-id-shows-a-short-name",
        SAME,
        "The deprecated GET shows the first letter of the peer's name.",
        done_as(["getConversation"], renamed),
    ),
    Fault(
        "count-is-text-in-unread-answers",
        COUNT,
        "unreadMessageCount is a string of digits where marking as unread shows it.",
        in_unread(lambda shown: {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}),
    ),
    Fault(
        "updated-at-is-missing-in-unread-answers",
        TIME,
        "The conversation that marking as unread answers with has no updatedAt.",
        in_unread(without("updatedAt")),
    ),
    Fault(
        "id-is-missing-in-unread-answers",
        ID,
        "The conversation that marking as unread answers with has no conversationId.",
        in_unread(without("conversationId")),
    ),
)
