"""JSON values of answers: what they are, and readers that raise MalformedAnswer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

from duologue.contracts.errors import MalformedAnswer

EARLIEST, LATEST = 1_000_000_000, 10_000_000_000  # of 2001 and 2286: milliseconds lie outside
MOST_DIGITS = 40  # Python refuses to read numbers of thousands of digits


def is_whole(value: Any) -> TypeGuard[int]:
    """Return whether a JSON value is an integer (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_time(value: Any) -> TypeGuard[int]:
    """Return whether a value can be UNIX seconds of our time, as an integer."""
    return is_whole(value) and EARLIEST <= value < LATEST


def holds_just(value: Any, wanted: Sequence[str]) -> bool:
    """Return whether a value is a list of just these strings in any order; null is empty."""
    found = [] if value is None else value
    return isinstance(found, list) and sorted(found, key=repr) == sorted(wanted, key=repr)


def number_in(value: Any) -> int | None:
    """Return an integer, or a string of digits as its number; None for anything else."""
    if is_whole(value):
        return value
    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if is_number and len(value) <= MOST_DIGITS else None


def whole_in(value: Any, place: str) -> int:
    """Return the number of an integer or a string of digits; raise MalformedAnswer otherwise."""
    number = number_in(value)
    if number is None:
        raise MalformedAnswer(place, expected="an integer", actual=value)
    return number


def id_in_text(value: Any, place: str) -> str:
    """Return an id, a string or an integer, as text; raise MalformedAnswer otherwise."""
    if not (is_whole(value) or (isinstance(value, str) and value)):
        raise MalformedAnswer(place, expected="a string or an integer", actual=value)
    return str(value)
