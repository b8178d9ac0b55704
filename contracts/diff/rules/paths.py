"""Paths: the same one in two spellings, and the operations of two documents that are twins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import PartNotComparable
from duologue.contracts.diff.located import LocatedDict, location

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAMED = re.compile(r"\{([^{}]*)\}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_LEGAL = "/{}%:@!$&'()*+,;=~"


@dataclass(frozen=True)
class LocatedOperation:
    """One operation of one document; ``key`` leaves out the names of path parameters."""

    key: str
    path: str
    method: str
    item: LocatedDict
    node: LocatedDict

    @property
    def name(self) -> str:
        """Return how findings call it."""
        return f"{self.method.upper()} {self.path}"

    @property
    def path_names(self) -> list[str]:
        """Return the names of the path's parameters in their order."""
        return path_names(self.path)


def path_names(path: str) -> list[str]:
    """Return the names of a path's parameters in their order."""
    return _NAMED.findall(path)


def template(path: str) -> str:
    """Return a path without the names of its parameters, each character in its usual spelling."""
    return quote(_ESCAPED.sub(_unescaped, _NAMED.sub("{}", path)), safe=_LEGAL)


def _unescaped(match: re.Match[str]) -> str:
    """Return an escaped character itself where it means the same (RFC 3986, 6.2.2)."""
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.match(character) else match[0].upper()


def operations(document: Document) -> list[LocatedOperation]:
    """Return the operations; raise PartNotComparable for a key that is no path."""
    found = []
    paths = document.mapping(document.root, "paths")
    for path, given in paths.items():
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            raise PartNotComparable(
                str(location(paths, path)), f"the path {path!r} begins with no /"
            )
        item = document.resolve(given, path)
        for method in METHODS:
            if method in item:
                node = document.resolve(item[method], f"{method} {path}")
                key = f"{method.upper()} {template(path)}"
                found.append(LocatedOperation(key, path, method, item, node))
    return found


@dataclass(frozen=True)
class Twins:
    """The operations of two documents: gone, in both, added."""

    gone: list[LocatedOperation]
    kept: list[tuple[LocatedOperation, LocatedOperation]]
    added: list[LocatedOperation]


def twins(old: Sequence[LocatedOperation], new: Sequence[LocatedOperation]) -> Twins:
    """Pair operations by their names; what is left, by paths without the names of parameters."""
    named = {each.name: each for each in new}
    kept = {each.name: named.pop(each.name) for each in old if each.name in named}
    by_key: dict[str, list[LocatedOperation]] = {}
    for each in named.values():
        by_key.setdefault(each.key, []).append(each)
    for one in old:
        if one.name not in kept and by_key.get(one.key):
            twin = kept[one.name] = by_key[one.key].pop(0)
            del named[twin.name]
    return Twins(
        [each for each in old if each.name not in kept],
        [(each, kept[each.name]) for each in old if each.name in kept],
        list(named.values()),
    )
