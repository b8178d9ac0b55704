"""Rows of lists that were shown before: not checked again, and not encoded again.

A conversation's JSON is kept as long as nothing of it changes (see `shown_cache`), so that most
rows of a list have passed the check of the list before, and have been encoded before.
"""

from __future__ import annotations

from typing import Any

import orjson


class ShownRow(dict[str, Any]):
    """The JSON of a conversation, to be read only; with the check it has passed, and as bytes."""

    __slots__ = ("checked_by", "encoded")

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.checked_by: object = None
        self.encoded: bytes | None = None


def is_valid(body: Any, validator: Any, most: int) -> bool:
    """Return whether a list of at most `most` rows is valid; look at each shown row once.

    For a schema that says nothing of the rows under `data` but what each is, and their number.
    """
    rows = body.get("data") if type(body) is dict else None
    if type(rows) is not list or len(rows) > most:
        return bool(validator.is_valid(body))
    new = [row for row in rows if type(row) is not ShownRow or row.checked_by is not validator]
    if not validator.is_valid({**body, "data": new}):
        return False
    for row in new:
        if type(row) is ShownRow:
            row.checked_by = validator
    return True


def encode(body: Any) -> bytes:
    """Return a body as JSON, the same bytes as without shown rows."""
    return trimmed(orjson.dumps(body, default=_fragment, option=orjson.OPT_PASSTHROUGH_SUBCLASS))


def trimmed(written: bytes) -> bytes:
    """Return a copy of what orjson has written, for bytes that are kept.

    Those of orjson keep the memory they were written in, up to four times as much.
    """
    return bytes(memoryview(written))


def _fragment(row: Any) -> orjson.Fragment:
    if type(row) is not ShownRow:
        return orjson.Fragment(orjson.dumps(row))
    if row.encoded is None:
        row.encoded = trimmed(orjson.dumps(row))
    return orjson.Fragment(row.encoded)
