"""Times in a world document as people write them: ISO 8601, or relative to now (`ago: 2m`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.domain.limits import LATEST_S

FIELDS = frozenset(
    {
        *("at", "createdAt", "updatedAt", "deletedAt", "deliveredAt", "readAt", "editedAt"),
        *("joinedAt", "lastActiveAt", "deactivatedAt", "bannedAt"),
    }
)
_OF_THE_APP = frozenset({"metadata", "content"})  # what the mock only keeps
_AGO = re.compile(r"(\d{1,9})([smhd])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def resolved(document: Any, now: int) -> Any:
    """Return the document with all times in UNIX seconds; raise WrongInput for one that is none."""
    details: dict[str, list[str]] = {}
    found = _value(document, "", now, details)
    if details:
        raise WrongInput(details)
    return found


def _value(value: Any, at: str, now: int, details: dict[str, list[str]]) -> Any:
    if isinstance(value, list):
        return [_value(one, f"{at}{n}.", now, details) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return dict(_fields(value, at, now, details))


def _fields(
    written: dict[str, Any], at: str, now: int, details: dict[str, list[str]]
) -> Iterator[tuple[str, Any]]:
    if "ago" in written and "at" in written:
        details[f"{at}ago"] = ["Give either at or ago."]
    for name, value in written.items():
        if name == "ago" and isinstance(value, str):
            yield "at", max(0, now - seconds_of(value))
        elif name in FIELDS and isinstance(value, str):
            yield name, _unix(value, f"{at}{name}", details)
        elif name in _OF_THE_APP:
            yield name, value
        else:
            yield name, _value(value, f"{at}{name}.", now, details)


def seconds_of(ago: str) -> int:
    """Return a span such as ``90s``, ``2m``, ``3h`` or ``1d`` in seconds."""
    found = _AGO.fullmatch(ago)
    return int(found[1]) * _UNITS_S[found[2]] if found else 0  # its form is checked by the schema


def _unix(text: str, place: str, details: dict[str, list[str]]) -> int:
    """Return an ISO 8601 time in UNIX seconds; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        details[place] = [f"{text} is no time ({error}); write 2026-01-05T09:00:00Z."]
        return 0
    seconds = int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    if not 0 <= seconds <= LATEST_S:
        details[place] = [f"{text} is outside of the years 1970 to 4999."]
    return seconds
