"""References within one document, as JSON Pointers (RFC 6901)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

Node = TypeVar("Node", bound=Mapping[str, Any])
_INDEX = re.compile("[0-9]{1,9}")  # of a list, in a pointer


def resolved(document: Mapping[str, Any], node: Node) -> Node:
    """Return a node of a bundle, or the one that its `$ref` names."""
    while isinstance(node.get("$ref"), str):
        node = find(document, node["$ref"][1:])
    return node


def find(document: Any, pointer: str) -> Any:
    """Return the value at a JSON Pointer, or None."""
    node = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and _INDEX.fullmatch(key) and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return None
    return node
