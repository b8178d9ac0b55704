"""A query as it is meant: one name for each spelling, lists in all forms, no empty values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from flask import Request

Written = Mapping[str, list[str]]
_PLACE = "duologue.query"  # in a request's environment: its query, read once
_INDEX = re.compile(r"\[[0-9]*\]\Z", re.ASCII)
# As the vendor's clients spell the one (readings T16), and the REST reference the other (E143).
_ALIASES = {"per_page": "perPage", "mentionswithTagInfo": "mentionsWithTagInfo"}


def written(request: Request) -> Written:
    """Return the values of each name as they are written, still encoded, in their order.

    An empty value is left out, as if the parameter were absent (readings T15). `tags[]` and
    `tags[0]` are `tags` (readings T16).
    """
    environ = request.environ
    known: Written | None = environ.get(_PLACE)
    if known is None:
        known = environ[_PLACE] = _read(request.query_string.decode("latin-1"))
    return known


def _read(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if value:
            found.setdefault(_name(name), []).append(value)
    return found


def _name(encoded: str) -> str:
    name = encoded if encoded.isalpha() else _INDEX.sub("", unquote_plus(encoded))
    return _ALIASES.get(name, name)


def text_of(values: list[str]) -> str:
    """Return the first of the written values as text."""
    return unquote_plus(values[0])


def items_of(values: list[str]) -> list[str]:
    """Return the items of a list; blanks around an item are no part of it (readings T16).

    Items are separated by commas as they are written, so that an encoded comma can be part of an
    item. Yet many clients encode the whole list: where no comma is written, encoded ones separate
    the items, unless that would leave one of them empty.
    """
    return [item.strip(" ") for value in values for item in _split(value)]


def _split(value: str) -> Iterator[str]:
    if "," in value:
        yield from map(unquote_plus, value.split(","))
        return
    items = unquote_plus(value).split(",")
    yield from items if all(items) else [",".join(items)]


def as_sent(request: Request) -> Iterator[tuple[str, str]]:
    """Return names and values as a validator of plain queries wants to see them."""
    for name, values in written(request).items():
        if len(values) == 1:
            yield name, text_of(values)
        else:
            yield name, ",".join(items_of(values))
