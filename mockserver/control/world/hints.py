"""What was probably meant at a place of a world document that is not of its form."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from duologue.mockserver.control.world.times import FIELDS
from duologue.mockserver.domain.limits import LATEST_S

_KIND_OF = {"uid": "user", "guid": "group"}
_TIMES = FIELDS | {"now"}
_PEERS = frozenset({"to", "with"})  # where a user or a group is named by its kind


def hint(place: str, value: Any) -> str:
    """Return how to write what stands at a place such as `messages.0.to`; empty if unknown."""
    name = next((step for step in reversed(place.split(".")) if not step.isdigit()), "")
    if name in _PEERS:
        return _peer(name, value)
    if name == "between" and isinstance(value, str):
        return f" Write between: [{value}, ...] with both uids."
    if name in _TIMES and isinstance(value, int) and LATEST_S < value <= LATEST_S * 1000:
        return f" In seconds it is {value // 1000}."
    return ""


def _peer(name: str, value: Any) -> str:
    if isinstance(value, str) and value:
        return f" Write {name}: {{user: {value}}}, or {name}: {{group: {value}}}."
    if isinstance(value, dict):
        found = [(kind, value[key]) for key, kind in _KIND_OF.items() if key in value]
        if len(found) == 1:
            return f" Write {name}: {{{found[0][0]}: {found[0][1]}}}."
    return ""


def near(name: str, known: Iterable[str]) -> str:
    """Return a suggestion for an id that is not known; empty if nothing is like it."""
    found = nearest(name, known)
    return f" Did you mean {found[0]}?" if found else ""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the known name that is most like this one, if one is."""
    return get_close_matches(name, list(known), n=1)
