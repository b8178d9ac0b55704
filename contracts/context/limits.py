"""Boundaries by hand: the limits of tags, and what a refusal of one value past one looks like."""

from __future__ import annotations

from duologue.contracts.context.context import CheckContext
from duologue.contracts.http.transport import Response

MOST_TAGS = 25
LONGEST_TAG = 100
WORDS = [
    "🎂 birthday",
    "👩‍👩‍👧",
    "семья",
    "家族",
    "naïve",
    'quotes "and" \\ slash',
    "a,b",
    "<b>&amp;</b>",
    "100 %_",
    "Friend",
]


def many(count: int) -> dict[str, list[str]]:
    """A request body with that many short tags, all different."""
    return {"tags": [f"tag {n}" for n in range(1, count + 1)]}


def refused(context: CheckContext, operation_id: str, answer: Response) -> None:
    """Broken unless the answer refuses the request itself.

    A refusal is 4xx, whichever (readings B11): the same caller has just had the last allowed value
    taken in the same conversation, so that nothing else can be refused.
    """
    context.require(
        f"{operation_id} with one value past the limit",
        400 <= answer.status < 500,
        expected="a refusal (4xx)",
        actual=answer,
    )
