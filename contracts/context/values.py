"""What a JSON value can be said to be."""

from __future__ import annotations

from typing import Any, TypeGuard

EARLIEST, LATEST = 1_000_000_000, 10_000_000_000  # of 2001 and 2286: milliseconds lie outside


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is an integer (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_time(value: Any) -> TypeGuard[int]:
    """Whether a value can be UNIX seconds of our time, as an integer."""
    return is_whole(value) and EARLIEST <= value < LATEST
