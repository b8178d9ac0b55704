"""The JSON Schema of the world document, extracted from the control document."""

from __future__ import annotations

from typing import Any

from duologue.openapi import document

_ROOT = "World"
_IN_DOCUMENT, _LOCAL = "#/components/schemas/", "#/$defs/"


def schema() -> dict[str, Any]:
    """Return the schema with everything that it refers to."""
    known = document.load("control")["components"]["schemas"]
    wanted, found = [_ROOT], {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name], referred = _with_local_references(known[name])
            wanted += referred
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The state of a mock",
        "$ref": f"{_LOCAL}{_ROOT}",
        "$defs": dict(sorted(found.items())),
    }


def _with_local_references(node: Any) -> tuple[Any, list[str]]:
    """Return a schema with its references rewritten to local ones, and the names they lead to."""
    names: list[str] = []

    def localized(one: Any) -> Any:
        if isinstance(one, list):
            return [localized(each) for each in one]
        if not isinstance(one, dict):
            return one
        reference = one.get("$ref")
        if isinstance(reference, str):
            names.append(reference.removeprefix(_IN_DOCUMENT))
            return one | {"$ref": reference.replace(_IN_DOCUMENT, _LOCAL)}
        return {name: localized(each) for name, each in one.items()}

    return localized(node), names
