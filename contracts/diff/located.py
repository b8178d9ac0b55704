"""YAML and JSON as Python data that knows the file and line of each key and item."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable

MOST_NODES = 2_000_000
"""Aliases can name one part many times; a document of ours has 20,000 nodes."""

_SURROGATES = re.compile(r"(\\\\)|\\u([dD][89abAB]\w\w)\\u([dD][c-fC-F]\w\w)")
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+\Z"), 10),
    (re.compile(r"0o[0-7]+\Z"), 8),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), 16),
)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
# What YAML 1.1, whose tags libyaml gives, takes for text, and 1.2 and JSON for a number.
_NUMBER_OF_12 = re.compile(r"0o[0-7]+\Z|[-+]?[0-9.]+[eE][-+]?[0-9]+\Z")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; lines are counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class LocatedDict(dict[str, Any]):
    """A mapping with the line of each of its keys."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line = file, line
        self.lines: dict[str, int] = {}

    def take_missing(self, other: LocatedDict) -> None:
        """Take the keys of another mapping that this one lacks, with their lines."""
        for key, value in other.items():
            if key not in self:
                self[key] = value
                self.lines[key] = other.lines.get(key, other.line)

    def without(self, *keys: str) -> LocatedDict:
        """Return a copy that lacks these keys; values are shared."""
        copied = LocatedDict(self.file, self.line)
        copied.update({key: value for key, value in self.items() if key not in keys})
        copied.lines = self.lines
        return copied


class LocatedList(list[Any]):
    """A sequence with the line of each of its items."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line = file, line
        self.lines: list[int] = []


def location(node: Any, key: Any = None) -> Location | None:
    """Return where a key or item of `node`, or `node` itself, stands; None for a scalar."""
    if isinstance(node, LocatedDict):
        return Location(node.file, node.lines.get(key, node.line))
    if isinstance(node, LocatedList):
        known = isinstance(key, int) and 0 <= key < len(node.lines)
        return Location(node.file, node.lines[key] if known else node.line)
    return None


def parse(text: str, file: str) -> Any:
    """Return the content of one file; raise ValueError with a sentence if it cannot be read."""
    if text.lstrip()[:1] in ("{", "["):
        text = _yaml_of_json(text)
    try:
        loader = yaml.CSafeLoader(text)
        root = loader.get_single_node()
    except yaml.YAMLError as problem:
        raise ValueError("is not YAML or JSON: " + " ".join(str(problem).split())) from problem
    if root is None:
        raise ValueError("is empty")
    try:
        return _Construction(file).value(root)
    except RecursionError as problem:
        raise ValueError("is nested too deeply") from problem


def _yaml_of_json(text: str) -> str:
    """Return JSON text in the form that libyaml reads; other text comes back as it is."""
    try:
        user_files.from_json(text)
    except Unparsable:
        return text
    text = text.replace("\t", " ").replace("\\/", "/")  # tabs stand only between JSON's tokens
    return _SURROGATES.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    return bytes.fromhex(match[2] + match[3]).decode("utf-16-be", "replace")


class _Construction:
    """One file's nodes turned into data; each anchor is built once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.built: dict[int, Any] = {}
        self.sizes: dict[int, int] = {}
        self.open: set[int] = set()

    def value(self, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            raise ValueError(f"has an alias at line {node.start_mark.line + 1} that holds itself")
        if id(node) not in self.built:
            self.open.add(id(node))
            mapping = isinstance(node, yaml.MappingNode)
            self.built[id(node)] = self._mapping(node) if mapping else self._sequence(node)
            self.open.discard(id(node))
            self.sizes[id(node)] = self._size(node)
        return self.built[id(node)]

    def _size(self, node: Any) -> int:
        mapping = isinstance(node, yaml.MappingNode)
        below = [pair[1] for pair in node.value] if mapping else node.value
        size = 1 + sum(self.sizes.get(id(each), 1) for each in below)
        if size > MOST_NODES:
            raise ValueError(f"holds more than {MOST_NODES} nodes once its aliases are followed")
        return size

    def _mapping(self, node: Any) -> LocatedDict:
        built = LocatedDict(self.file, node.start_mark.line + 1)
        merged: list[LocatedDict] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == _MERGE:
                merged += self._merged(value, line)
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise ValueError(f"has a key at line {line} that is no text")  # noqa: TRY004 - of the file
            if key.value in built:
                raise ValueError(f"has the key {key.value!r} twice, again at line {line}")
            built[key.value] = self.value(value)
            built.lines[key.value] = line
        for each in merged:
            built.take_missing(each)
        return built

    def _merged(self, node: Any, line: int) -> list[LocatedDict]:
        """Return the mappings that a merge key names; readers of YAML 1.2 know it from 1.1."""
        value = self.value(node)
        every = value if isinstance(value, list) else [value]
        if not all(isinstance(each, LocatedDict) for each in every):
            raise ValueError(f"has a merge key (<<) at line {line} that names no mapping")
        return every

    def _sequence(self, node: Any) -> LocatedList:
        built = LocatedList(self.file, node.start_mark.line + 1)
        for item in node.value:
            built.append(self.value(item))
            built.lines.append(item.start_mark.line + 1)
        return built

    def _scalar(self, node: Any) -> Any:
        """Return the value after YAML 1.2's core schema: dates, yes and no are text."""
        text: str = node.value
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "str" and (node.style != "" or not _NUMBER_OF_12.match(text)):
            return text
        if kind == "bool":
            return _BOOLEANS.get(text, text)
        for pattern, base in _INTEGERS:
            if pattern.match(text):
                return int(text, base)
        return self._number(node) if _NUMBER.match(text) or _NO_NUMBER.match(text) else text

    def _number(self, node: Any) -> Any:
        number = math.nan if _NO_NUMBER.match(node.value) else float(node.value)
        if not math.isfinite(number):
            raise ValueError(f"has a number at line {node.start_mark.line + 1} JSON cannot hold")
        return int(number) if number == int(number) else number
