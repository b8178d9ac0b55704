"""Faults that only the document's schemas show: answers that it does not describe."""

from __future__ import annotations

from duologue.mockserver.faults.combinators import answered, done_as, is_done
from duologue.mockserver.faults.errors import ALL
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse

CLAUSE = "document.answers-follow-it"


def as_words(answer: ApiResponse) -> ApiResponse:
    """Return the same JSON with the content type text/plain."""
    return ApiResponse(answer.status, {**answer.headers, "Content-Type": "text/plain"}, answer.body)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "success-is-plain-text",
        CLAUSE,
        "Successes are JSON with the content type text/plain.",
        answered(ALL, as_words, is_done),
    ),
    Fault(
        "success-is-told-by-a-number",
        CLAUSE,
        "The message of a success is a number, not a text.",
        done_as(
            ["resetUserConversation", "resetGroupConversation"],
            lambda data: {**data, "message": 200},
        ),
    ),
)
