"""One schema of a document read into a shape."""

from __future__ import annotations

import json
from typing import Any

from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.schemas.joining import tighter
from duologue.contracts.diff.schemas.patterns import check_pattern
from duologue.contracts.diff.schemas.shape import (
    EVERY,
    LOWER,
    NUMBER,
    OTHER,
    UPPER,
    Alternatives,
    Condition,
    Schemas,
    Shape,
    key_of,
)


def read(node: LocatedDict, *, is_30: bool) -> Shape:
    """Return the shape of one schema, without what it refers to; raise TypeError or ValueError."""
    shape = Shape(types=_types(node, is_30=is_30))
    shape.where = {key: place for key in node if (place := location(node, key))}
    if "enum" in node or "const" in node:
        values = [*node.get("enum", ())] or [node.get("const")]
        if "const" in node:
            values = [each for each in values if key_of(each) == key_of(node["const"])]
        shape.enum = [json.loads(key) for key in dict.fromkeys(map(key_of, values))]
    for word in (*LOWER, *UPPER, "multipleOf"):
        if word in node:
            shape.limits[word] = _number(node[word], word)
    if node.get("uniqueItems") is True:
        shape.limits["uniqueItems"] = True
    shape.low, shape.high = _bound(node, "inimum"), _bound(node, "aximum")
    if "pattern" in node:
        shape.patterns = frozenset({str(node["pattern"])})
    if "format" in node:
        shape.formats = frozenset({str(node["format"])})
    shape.required = frozenset(str(each) for each in node.get("required", ()))
    _read_containers(shape, node)
    shape.default, shape.deprecated = node.get("default"), node.get("deprecated") is True
    shape.other = {word: node[word] for word in OTHER if word in node}
    shape.discriminator = node.get("discriminator")
    shape.lone_nullable = is_30 and node.get("nullable") is True and "type" not in node
    _read_refused_types(shape, node)
    return shape


def _read_refused_types(shape: Shape, node: LocatedDict) -> None:
    """Take away the types of a `not` that names types alone."""
    refused = node.get("not")
    if isinstance(refused, dict) and refused.keys() <= {"type"}:
        shape.types -= _named_types(refused.get("type"))
        del shape.other["not"]


def _read_containers(shape: Shape, node: LocatedDict) -> None:
    words = ("properties", "patternProperties", "additionalProperties")
    for word in words[:2]:
        if not isinstance(node.get(word, {}), dict):
            raise TypeError(f"{word} is no mapping")
    if any(word in node for word in words):
        part = node.without(*(key for key in node if key not in words))
        part.setdefault("properties", LocatedDict(node.file, node.line))
        if part.get("additionalProperties") is True or part.get("additionalProperties") == {}:
            del part["additionalProperties"]
        for pattern in part.get("patternProperties", {}):
            check_pattern(pattern)
        shape.objects = [part]
    if "items" in node or "prefixItems" in node:
        shape.arrays = [node.without(*(key for key in node if key not in ("items", "prefixItems")))]
    for word in ("anyOf", "oneOf"):
        if word in node:
            branches: list[Schemas] = [(branch,) for branch in node[word]]
            shape.groups.append(Alternatives(word, branches, location(node, word)))
    if "if" in node and ("then" in node or "else" in node):
        then, otherwise = ((node[word],) if word in node else () for word in ("then", "else"))
        place = location(node, "if")
        shape.conditions = [Condition((node["if"],), then, otherwise, place)]


def _types(node: LocatedDict, *, is_30: bool) -> frozenset[str]:
    types = _named_types(node.get("type"))
    return types | {"null"} if is_30 and node.get("nullable") is True else types


def _named_types(given: Any) -> frozenset[str]:
    if given is None:
        return EVERY
    names = given if isinstance(given, list) else [given]
    types: set[str] = set()
    for name in names:
        if name == "number":
            types |= NUMBER
        elif name in EVERY and name != "fraction":
            types.add(name)
        else:
            raise ValueError(f"{name!r} is no type")
    return frozenset(types)


def _number(value: Any, word: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{word} is no number")
    return value


def _bound(node: LocatedDict, word: str) -> tuple[Any, bool] | None:
    plain, exclusive = ("m" + word, "exclusiveM" + word)
    value, beyond = node.get(plain), node.get(exclusive)
    if isinstance(beyond, bool) or beyond is None:
        return None if value is None else (_number(value, plain), beyond is True)
    _number(beyond, exclusive)
    return tighter((beyond, True), (value, False) if value is not None else None, word)
