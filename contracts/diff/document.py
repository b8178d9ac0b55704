"""One side of a comparison: its files, read on demand, and references resolved."""

from __future__ import annotations

import codecs
import re
from typing import Any
from urllib.parse import unquote

from duologue.contracts.diff.errors import PartNotComparable, ReferenceUnresolved, SideUnreadable
from duologue.contracts.diff.located import LocatedDict, location, parse
from duologue.contracts.diff.sources import Source
from duologue.openapi.references import find

_VERSION = re.compile(r"3\.[01](\.\d+)?\Z")


class Document:
    """An OpenAPI 3.0 or 3.1 document, in one file or in many."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._files: dict[str, Any] = {}
        self._names: dict[str, str] = {}  # as shown -> as the source reads it
        self.root = self._root()
        self.is_30 = _version(self.root).startswith("3.0")

    @property
    def name(self) -> str:
        """Return the name of the first file as shown."""
        return self.source.shown(self.source.root)

    def resolve(self, node: Any, where: str) -> LocatedDict:
        """Return the mapping that a node is or refers to; raise ReferenceUnresolved if none."""
        met: set[int] = set()
        while isinstance(node, LocatedDict) and isinstance(node.get("$ref"), str):
            if id(node) in met:
                self._unresolved(node, "which leads back to itself")
            met.add(id(node))
            node = self.target(node)
        if not isinstance(node, LocatedDict):
            raise PartNotComparable(f"{self.name}, {where}", f"a mapping is expected, not {node!r}")
        return node

    def target(self, node: LocatedDict) -> Any:
        """Return what the `$ref` of a node names; raise ReferenceUnresolved."""
        reference = node["$ref"]
        if not isinstance(reference, str):
            self._unresolved(node, "which is no text")
        name, _, pointer = reference.partition("#")
        whole = self._file_of(node, unquote(name))
        if pointer and not pointer.startswith("/"):
            found = _anchored(whole, pointer)
        else:
            found = find(whole, unquote(pointer))
        if found is None:
            self._unresolved(node, "where nothing stands")
        return found

    def mapping(self, node: LocatedDict, key: str) -> LocatedDict:
        """Return the mapping below a key, empty if there is none; raise PartNotComparable."""
        value = node.get(key)
        if value is None:
            return LocatedDict(node.file, node.line)
        if not isinstance(value, LocatedDict):
            raise PartNotComparable(str(location(node, key)), f"{key!r} is no mapping")
        return value

    def sequence(self, node: LocatedDict, key: str) -> list[Any]:
        """Return the list below a key, empty if there is none; raise PartNotComparable."""
        value = node.get(key)
        if value is not None and not isinstance(value, list):
            raise PartNotComparable(str(location(node, key)), f"{key!r} is no list")
        return value or []

    def _root(self) -> LocatedDict:
        shown = self.source.shown(self.source.root)
        try:
            root = self._load(self.source.root)
        except ValueError as problem:
            raise SideUnreadable(shown, str(problem)) from problem
        if not isinstance(root, LocatedDict) or "openapi" not in root:
            swagger = " (Swagger 2.0 is not read)" if isinstance(root, dict) else ""
            raise SideUnreadable(shown, f"has no 'openapi' and is no OpenAPI document{swagger}")
        if not _VERSION.match(_version(root)):
            raise SideUnreadable(shown, f"says OpenAPI {_version(root)}; read are 3.0 and 3.1")
        if not isinstance(root.get("paths", root if "webhooks" in root else None), LocatedDict):
            raise SideUnreadable(shown, "has no 'paths' mapping, so there is nothing to compare")
        return root

    def _load(self, name: str) -> Any:
        if name not in self._files:
            text = _decoded(self.source.read(name))
            shown = self.source.shown(name)
            self._names[shown] = name
            self._files[name] = parse(text, shown)
        return self._files[name]

    def _file_of(self, node: LocatedDict, name: str) -> Any:
        base = self._names[node.file]
        try:
            return self._load(self.source.join(base, name) if name else base)
        except ValueError as problem:
            return self._unresolved(node, f"which {problem}")

    def _unresolved(self, node: LocatedDict, why: str) -> Any:
        place = str(location(node, "$ref"))
        raise ReferenceUnresolved(place, str(node["$ref"]), why=why)


def _version(root: LocatedDict) -> str:
    """Return the version as text; without quotes YAML reads 3.0 as a number."""
    return "3.0" if root["openapi"] == 3 else str(root["openapi"])


def _decoded(content: bytes) -> str:
    """Return a file as text: UTF-8, or UTF-16 with or without a mark; raise ValueError."""
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content[:2]:  # the first character of JSON and YAML is one of ASCII
        encoding = "utf-16-be" if content[0] == 0 else "utf-16-le"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise ValueError(f"is not {encoding.upper().removesuffix('-SIG')}") from problem


def _anchored(node: Any, name: str) -> Any:
    """Return the schema below `node` that has this `$anchor`, or None."""
    if isinstance(node, dict) and node.get("$anchor") == name:
        return node
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = (_anchored(each, name) for each in below)
    return next((each for each in found if each is not None), None)
