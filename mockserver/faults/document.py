"""Departures that no clause by hand speaks of: answers that the document does not describe."""

from __future__ import annotations

from duologue.mockserver.faults.combinators import answered, done_as, is_done
from duologue.mockserver.faults.errors import ALL
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse

CLAUSE = "document.answers-follow-it"


def as_words(answer: ApiResponse) -> ApiResponse:
    """The same JSON, said to be plain text."""
    return ApiResponse(answer.status, {**answer.headers, "Content-Type": "text/plain"}, answer.body)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "success-is-plain-text",
        CLAUSE,
        "Successes are JSON that is said to be plain text.",
        answered(ALL, as_words, is_done),
    ),
    Fault(
        "success-is-told-by-a-number",
        CLAUSE,
        "What was done to a conversation is told by a number, not in words.",
        done_as(
            ["resetUserConversation", "resetGroupConversation"],
            lambda data: {**data, "message": 200},
        ),
    ),
)
