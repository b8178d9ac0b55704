"""Patterns after ECMA-262, as JSON Schema has them; Python's own `re` reads most of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1024)
def _finder(pattern: str) -> Any:
    """Return a function that looks for a pattern in a text; raise ValueError for no pattern."""
    try:
        compiled = re.compile(pattern)
    except re.error:
        return _ecma(pattern)
    return lambda text: compiled.search(text) is not None


def _ecma(pattern: str) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - only for what Python cannot read, such as \\p{L}

    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError as problem:
        raise ValueError(f"{pattern!r} is no pattern") from problem


def check_pattern(pattern: str) -> None:
    """Raise ValueError for a text that is no regular expression."""
    _finder(pattern)


def is_found(pattern: str, text: str) -> bool:
    """Tell whether a text has the pattern anywhere; raise ValueError for no pattern."""
    return bool(_finder(pattern)(text))
