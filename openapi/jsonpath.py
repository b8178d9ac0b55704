"""The part of JSONPath (RFC 9535) that our overlays use.

`$`, `.name`, `['name']`, `[0]`, `.*`, `[*]` and the filter `[?@.name == literal]`, each also after
`..`. The packages that read all of RFC 9535 bring a grammar of functions and regular expressions
that our overlays do not need.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from duologue.openapi.errors import UnsupportedPath

_SEGMENT = re.compile(
    r"(?P<deep>\.\.)?"
    r"(?:\.?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|\[\s*'(?P<quoted>[^']*)'\s*\]"
    r"|\[(?P<index>\d+)\]"
    r"|\[\?\s*@\.(?P<key>[A-Za-z_][\w-]*)\s*==\s*(?P<literal>'[^']*'|-?\d+|true|false|null)\s*\]"
    r"|(?P<any>\.?\*|\[\*\]))"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a document: the container and the key or index there."""

    container: Any
    key: str | int

    @property
    def value(self) -> Any:
        """Return the value there."""
        return self.container[self.key]


def select(document: dict[str, Any], path: str) -> list[Place]:
    """Return the places that a JSONPath selects, in the document's order, each once.

    The whole document is the place `""` of a wrapper. Raises UnsupportedPath.
    """
    places = [Place({"": document}, "")]
    for segment in _segments(path):
        bases = [each for place in places for each in _bases(place, segment)]
        places = _once(child for base in bases for child in _children(base.value, segment))
    return places


def _segments(path: str) -> Iterator[re.Match[str]]:
    at = 1
    if not path.startswith("$"):
        raise UnsupportedPath(path, 0)
    while at < len(path):
        match = _SEGMENT.match(path, at)
        if match is None or _is_bare(match):
            raise UnsupportedPath(path, at)
        yield match
        at = match.end()


def _is_bare(match: re.Match[str]) -> bool:
    """Return whether a name stands without the dot before it, or with one too many."""
    text = match.group()
    if match["name"] is None:
        return match["deep"] is not None and text.startswith("...")
    dots = len(text) - len(text.lstrip("."))
    return dots != (2 if match["deep"] else 1)


def _bases(place: Place, segment: re.Match[str]) -> Iterator[Place]:
    """Yield the place itself, and with `..` everything below it, too."""
    yield place
    if segment["deep"]:
        for child in _all(place.value):
            yield from _bases(child, segment)


def _children(value: Any, segment: re.Match[str]) -> Iterator[Place]:
    if segment["index"] is not None:
        if isinstance(value, list) and int(segment["index"]) < len(value):
            yield Place(value, int(segment["index"]))
    elif segment["any"]:
        yield from _all(value)
    elif segment["key"]:
        yield from (child for child in _all(value) if _matches(child.value, segment))
    else:
        name = segment["name"] if segment["quoted"] is None else segment["quoted"]
        if isinstance(value, dict) and name in value:
            yield Place(value, name)


def _matches(value: Any, segment: re.Match[str]) -> bool:
    if not isinstance(value, dict) or segment["key"] not in value:
        return False
    literal = segment["literal"]
    expected = literal[1:-1] if literal.startswith("'") else json.loads(literal)
    actual = value[segment["key"]]
    # In Python True == 1, in JSON it is not.
    return type(actual) is type(expected) and bool(actual == expected)


def _all(value: Any) -> Iterator[Place]:
    if isinstance(value, dict):
        yield from (Place(value, key) for key in value)
    elif isinstance(value, list):
        yield from (Place(value, index) for index in range(len(value)))


def _once(places: Iterator[Place]) -> list[Place]:
    return list({(id(place.container), place.key): place for place in places}.values())
