"""What a validator finds, in sentences that say how to write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from duologue.mockserver.control.world.hints import nearest

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_ALTERNATIVES = frozenset({"anyOf", "oneOf"})
_ID_PATTERN = "^[A-Za-z0-9_-]{1,100}$"
_ID = "1 to 100 letters, digits, underscores and hyphens"
Node = Mapping[str, Any]


def sentence(error: ValidationError, document: Node) -> str:
    """Return what is wrong, without the full stop; `document` holds the schema that found it."""
    found: Any = error.kind
    kind = found.name
    schema = _at(document, error.schema_path[:-1])
    if kind in _ALTERNATIVES:
        return _no_alternative(error, schema)
    if kind == "additionalProperties":
        return error.message + _meant(found.unexpected, schema)
    is_no_number = kind == "type" and schema.get("pattern") not in {None, _ID_PATTERN}
    if kind == "pattern" or is_no_number:
        return _wrong(error, schema)
    if kind == "type" and schema.get("type") == "object" and error.instance is None:
        return f"{error.message}: nothing is written there"
    if kind == "type" and _wants_text(schema) and isinstance(error.instance, bool | int | float):
        return f"{error.message}: put it in quotes to have it as text"
    return error.message


def _no_alternative(error: ValidationError, schema: Node) -> str:
    """Return what would do where none of several forms is met."""
    found: Any = error.kind
    branches = found.context
    first = [branch[0].kind for branch in branches]
    if all(kind.name == "required" for kind in first):
        names = [kind.property for kind in first]
        return f"one of {', '.join(names[:-1])} or {names[-1]} is needed"
    if "description" in schema:
        return _wrong(error, schema)
    at = list(error.instance_path)
    near_ones = [branch for branch in branches if not _is_of_another_type(branch[0], at)]
    return " or ".join(dict.fromkeys(branch[0].message for branch in near_ones or branches))


def _is_of_another_type(error: ValidationError, at: list[Any]) -> bool:
    return error.kind.name == "type" and list(error.instance_path) == at


def _wrong(error: ValidationError, schema: Node) -> str:
    """Return what is expected in words, which say more than a pattern does."""
    described = _ID if schema.get("pattern") == _ID_PATTERN else schema.get("description")
    if described is None:
        return error.message
    value, words = json.dumps(error.instance, ensure_ascii=False), str(described).rstrip(".")
    return f"{value} is not what is expected here: {words[:1].lower()}{words[1:]}"


def _meant(unexpected: list[str], schema: Node) -> str:
    known = schema.get("properties", {})
    found = [name for one in unexpected for name in nearest(one, known)]
    meant = list(dict.fromkeys(found))
    return f"; did you mean {' and '.join(meant)}?" if meant else _all_of(known)


def _all_of(known: Node) -> str:
    return f"; known are {', '.join(known)}" if known else ""


def _wants_text(schema: Node) -> bool:
    wanted = schema.get("type")
    return wanted == "string" or (isinstance(wanted, list) and "string" in wanted)


def _at(document: Node, path: list[Any]) -> Node:
    """Return the schema at a path of the document; an empty one if it has none there."""
    found: Any = document
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return found if isinstance(found, Mapping) else {}
