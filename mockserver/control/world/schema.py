"""The JSON Schema of the world document, taken out of the control document."""

from __future__ import annotations

from typing import Any

from duologue.openapi import document

_ROOT = "World"
_THERE, _HERE = "#/components/schemas/", "#/$defs/"


def schema() -> dict[str, Any]:
    """Return the schema with everything that it refers to."""
    known = document.load("control")["components"]["schemas"]
    wanted, found = [_ROOT], {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name], referred = _moved(known[name])
            wanted += referred
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The state of a mock",
        "$ref": f"{_HERE}{_ROOT}",
        "$defs": dict(sorted(found.items())),
    }


def _moved(node: Any) -> tuple[Any, list[str]]:
    """Return a schema with its references rewritten to local ones, and the names they lead to."""
    names: list[str] = []

    def move(one: Any) -> Any:
        if isinstance(one, list):
            return [move(each) for each in one]
        if not isinstance(one, dict):
            return one
        reference = one.get("$ref")
        if isinstance(reference, str):
            names.append(reference.removeprefix(_THERE))
            return one | {"$ref": reference.replace(_THERE, _HERE)}
        return {name: move(each) for name, each in one.items()}

    return move(node), names
