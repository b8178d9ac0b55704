"""Text with any character for PostgreSQL, whose text cannot contain NUL.

A NUL is stored as two characters, and so is the first of those two, so every text comes back as it
was stored.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown, TextLoader

NUL, MARK = "\0", "\x1a"  # the mark is ASCII's "substitute"
_STORED_NUL, _STORED_MARK = f"{MARK}0", f"{MARK}1"
_STORED = str.maketrans({NUL: _STORED_NUL, MARK: _STORED_MARK})


def take_all(connection: Any) -> None:
    """Let a psycopg connection store and return any text."""
    known: Connection[Any] = connection
    known.adapters.register_dumper(str, _NulTextDumper)
    for name in ("text", "varchar"):
        known.adapters.register_loader(name, _NulTextLoader)


def storable(text: str) -> str:
    """Return a text as it is stored."""
    return text.translate(_STORED) if MARK in text or NUL in text else text


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows of a cursor without loaders of this module, with all text as it was stored.

    A loader in Python is called for each text: 2,000 times for a list of 25.
    """
    if any(type(value) is str and MARK in value for row in rows for value in row):
        return [tuple(map(_plain, row)) for row in rows]
    return rows


def _plain(value: Any) -> Any:
    is_marked = type(value) is str and MARK in value
    return value.replace(_STORED_NUL, NUL).replace(_STORED_MARK, MARK) if is_marked else value


class _NulTextDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable(obj))


class _NulTextLoader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        text: bytes | str = _plain(super().load(data))
        return text
