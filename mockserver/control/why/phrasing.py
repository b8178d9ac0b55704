"""The sentences of explanations."""

from __future__ import annotations

import re
from typing import Any

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.why.fields import MISSING
from duologue.mockserver.control.why.history import FieldValue, ReplayedRequest

_LONGEST = 120


def by(given: FieldValue, base: str, own: ReplayedRequest | None = None) -> str:
    """Describe what gave a field its value; `own` is the explained request."""
    if given.change is None:
        return base
    return "this request" if given.change is own else request(given.change.entry)


def request(entry: JournalEntry) -> str:
    """Describe a request, as in `request 1f3a-7, mark user conversation as read, as ana`."""
    caller = f", as {entry.caller}" if entry.caller else ""
    return f"request {entry.id}, {operation(entry.operation_id)}{caller}"


def operation(name: str | None) -> str:
    """Return an operationId as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name or "no operation").lower()


def value(one: Any) -> str:
    """Return a value as text, short enough for a sentence."""
    if one is MISSING:
        return "absent"
    text = str(one)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def sentence(name: str, values: list[FieldValue], base: str, *, own: ReplayedRequest) -> str:
    """Describe what a field is, what gave it its value, and what it was before."""
    now, *earlier = values
    if not earlier:
        return f"{name} is {value(now.value)}, set by {by(now, base, own)}."
    before = earlier[0]
    was = f"it was {value(before.value)}, set by {by(before, base, own)}"
    if before.value is MISSING:
        was = "before, the answer was no error" if "error." in name else "it was absent before"
    return f"{name} is {value(now.value)} because of {by(now, base, own)}; {was}."


def changed(name: str, before: Any, after: Any) -> str:
    """Describe what a request did to a field."""
    if before is MISSING:
        return f"{name} became {value(after)}."
    if after is MISSING:
        return f"{name}, which was {value(before)}, was removed."
    return f"{name} changed from {value(before)} to {value(after)}."
