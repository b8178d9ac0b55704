"""Departures that no clause by hand speaks of: answers that the document does not describe."""

from __future__ import annotations

from typing import Any

from mockserver.faults.connections import with_detail
from mockserver.faults.errors import ALL
from mockserver.faults.fault import Fault
from mockserver.faults.ways import answered, done_as, is_done, shown
from mockserver.http.answers import Answer

CLAUSE = "document.answers-follow-it"


def as_words(answer: Answer) -> Answer:
    """The same JSON, said to be plain text."""
    return Answer(answer.status, {**answer.headers, "Content-Type": "text/plain"}, answer.body)


def renumbered(was: Any, _: Any) -> Any:
    """The other party with a time in words."""
    return {**was, "createdAt": str(was["createdAt"])}


FAULTS: tuple[Fault, ...] = (
    Fault(
        "success-is-plain-text",
        CLAUSE,
        "Successes are JSON that is said to be plain text.",
        answered(ALL, as_words, is_done),
    ),
    Fault(
        "last-message-is-to-a-person",
        CLAUSE,
        "lastMessage.receiverType is person for a 1-on-1.",
        shown(
            "last_message",
            with_detail("receiverType", lambda was: "person" if was == "user" else was),
        ),
    ),
    Fault(
        "peer-is-made-in-words",
        CLAUSE,
        "conversationWith.createdAt is a string of digits.",
        shown("conversation_with", renumbered),
    ),
    Fault(
        "success-has-no-word",
        CLAUSE,
        "What was done to a conversation is told without a message.",
        done_as(
            ["resetUserConversation", "resetGroupConversation"],
            lambda data: {name: value for name, value in data.items() if name != "message"},
        ),
    ),
)
