"""The limits of tags, and tags at the limit."""

from __future__ import annotations

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
    """Return a request body with that many short tags, all different."""
    return {"tags": [f"tag {n}" for n in range(1, count + 1)]}
