"""Read the text, YAML and JSON files that users name.

Parsers raise errors of many kinds: for a month 13, a number of thousands of digits, thousands of
open brackets, aliases of aliases. Here each is an `Unparsable` with one line of text.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 64 * 1024 * 1024  # a device or a pipe may never end
MOST_NODES = 500_000  # of a YAML document, once its aliases are followed
MOST_DEPTH = 200  # levels of lists and mappings; how many Python takes depends on its version

TOO_DEEP = f"it has more than {MOST_DEPTH} levels of lists and mappings"

Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]


class Unparsable(ValueError):
    """A text is no YAML, or no JSON; the message is one line."""


def read_bytes(path: Path) -> bytes:
    """Return what a file, a pipe or a device holds; raise OSError, also for too much."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it holds more than {MOST_BYTES} bytes", str(path))
    return content


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, without its byte order mark.

    Raises OSError, and Unparsable for another encoding.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise Unparsable(f"it is no UTF-8 ({cause.reason} at byte {cause.start})") from cause


def from_json(text: str | bytes) -> Any:
    """Return what a JSON text says; raise Unparsable."""
    try:
        value = json.loads(text)
    except RecursionError as cause:
        raise Unparsable(TOO_DEEP) from cause
    except ValueError as cause:
        raise Unparsable(_one_line(cause)) from cause
    if is_too_deep(value):
        raise Unparsable(TOO_DEEP)
    return value


def is_too_deep(value: Any) -> bool:
    """Return whether a value of JSON has more than `MOST_DEPTH` levels of lists and objects."""
    level = _collections([value])
    for _ in range(MOST_DEPTH):
        if not level:
            return False
        level = _collections(
            each for node in level for each in (node.values() if isinstance(node, dict) else node)
        )
    return bool(level)


def _collections(values: Iterable[Any]) -> list[Any]:
    return [each for each in values if isinstance(each, list | dict)]


def from_yaml(text: str | bytes, loader: Loader = yaml.SafeLoader) -> Any:
    """Return what a YAML text says; raise Unparsable."""
    try:
        reading = loader(text)
        try:
            root = reading.get_single_node()
            if root is None:
                return None
            _Sizes().size(root)
            return reading.construct_document(root)
        finally:
            reading.dispose()
    except RecursionError as cause:
        raise Unparsable(TOO_DEEP) from cause
    except (yaml.YAMLError, ValueError, LookupError, TypeError, OverflowError) as cause:
        raise Unparsable(_one_line(cause)) from cause


class _Sizes:
    """The sizes of nodes; each anchor is counted once, and wherever an alias names it."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def size(self, node: yaml.Node, depth: int = 1) -> int:
        """Return how many nodes a node holds, itself included; raise Unparsable for too many."""
        if isinstance(node, yaml.ScalarNode):
            return 1
        if depth > MOST_DEPTH:
            raise Unparsable(TOO_DEEP)
        if id(node) not in self._known:
            self._known[id(node)] = 1  # an alias within may name it
            pairs = isinstance(node, yaml.MappingNode)
            below = [each for pair in node.value for each in pair] if pairs else node.value
            self._known[id(node)] += sum(self.size(each, depth + 1) for each in below)
        if self._known[id(node)] > MOST_NODES:
            raise Unparsable(f"it holds more than {MOST_NODES} values once aliases are followed")
        return self._known[id(node)]


def _one_line(cause: Exception) -> str:
    return " ".join(str(cause).split()) or type(cause).__name__
