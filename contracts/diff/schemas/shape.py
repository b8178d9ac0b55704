"""A schema in one form, whatever its spelling: `$ref` followed, `allOf` merged, types as a set."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import PartNotComparable
from duologue.contracts.diff.located import LocatedDict, Location, location

Schemas = tuple[Any, ...]
"""Schemas that all have to hold; an empty tuple lets everything through."""

EVERY = frozenset({"null", "boolean", "integer", "fraction", "string", "array", "object"})
NUMBER = frozenset({"integer", "fraction"})
LOWER = ("minLength", "minItems", "minProperties")
UPPER = ("maxLength", "maxItems", "maxProperties")
LIMITED = {"Length": "string", "Items": "array", "Properties": "object"}
FORMATS_OF_NUMBERS = frozenset({"int32", "int64", "float", "double"})
OTHER = (
    *("not", "propertyNames", "contains", "minContains", "maxContains", "dependentRequired"),
    *("dependentSchemas", "unevaluatedProperties", "unevaluatedItems"),
)
OF_OTHER = {
    **dict.fromkeys(("contains", "minContains", "maxContains", "unevaluatedItems"), "array"),
    **dict.fromkeys(("propertyNames", "dependentRequired", "dependentSchemas"), "object"),
    "unevaluatedProperties": "object",
}


@dataclass
class Group:
    """One `anyOf` or `oneOf`."""

    word: str
    branches: list[Schemas]
    where: Location | None


@dataclass
class Condition:
    """One `if` with its `then` and `else`."""

    test: Schemas
    then: Schemas
    otherwise: Schemas
    where: Location | None


@dataclass
class Shape:
    """What a value has to be, in the terms of JSON Schema.

    ``low`` and ``high`` are bounds as (number, exclusive); ``where`` maps a keyword to its place.
    """

    types: frozenset[str] = EVERY
    enum: list[Any] | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    patterns: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    objects: list[LocatedDict] = field(default_factory=list)
    arrays: list[LocatedDict] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    other: dict[str, Any] = field(default_factory=dict)
    default: Any = None
    deprecated: bool = False
    clauses: tuple[str, ...] = ()
    where: dict[str, Location] = field(default_factory=dict)
    here: Location | None = None

    @property
    def property_names(self) -> list[str]:
        """Return the described properties."""
        return list(dict.fromkeys(name for node in self.objects for name in node["properties"]))

    def schemas_of(self, name: str) -> Schemas:
        """Return what a property's value has to be."""
        return tuple(each for node in self.objects for each in _of_property(node, name))

    @property
    def additional(self) -> Schemas:
        """Return what the value of a property has to be that no word describes."""
        return tuple(
            node["additionalProperties"] for node in self.objects if "additionalProperties" in node
        )

    @property
    def by_pattern(self) -> dict[str, Schemas]:
        """Return what the values of properties have to be whose names match a pattern."""
        found: dict[str, Schemas] = {}
        for node in self.objects:
            for pattern, schema in node.get("patternProperties", {}).items():
                found[pattern] = (*found.get(pattern, ()), schema)
        return found

    @property
    def prefix_length(self) -> int:
        """Return how many first items are described one by one."""
        return max((len(node.get("prefixItems", ())) for node in self.arrays), default=0)

    def schemas_at(self, index: int) -> Schemas:
        """Return what the item at an index has to be."""
        found = []
        for node in self.arrays:
            prefix = node.get("prefixItems", ())
            if index < len(prefix):
                found.append(prefix[index])
            elif "items" in node:
                found.append(node["items"])
        return tuple(found)

    def place(self, *words: str) -> Location | None:
        """Return where the first of these keywords stands, else the schema itself."""
        return next((self.where[word] for word in words if word in self.where), self.here)


def _of_property(node: LocatedDict, name: str) -> Iterable[Any]:
    described = False
    if name in node["properties"]:
        described = True
        yield node["properties"][name]
    for pattern, schema in node.get("patternProperties", {}).items():
        if re.search(pattern, name):
            described = True
            yield schema
    if not described and "additionalProperties" in node:
        yield node["additionalProperties"]


class Shapes:
    """The schemas of one document as shapes, each worked out once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._kept: dict[tuple[int, ...], tuple[Schemas, Shape]] = {}
        self._split: dict[tuple[int, ...], tuple[Schemas, list[Schemas]]] = {}

    def shape(self, schemas: Schemas) -> Shape:
        """Return the one form of what these schemas ask; raise RunNotMade if they are broken."""
        key = tuple(id(each) for each in schemas)
        if key not in self._kept:
            made = _tidied(self._joined(schemas))
            self._kept[key] = (schemas, made)
        return self._kept[key][1]

    def key(self, schemas: Schemas) -> tuple[int, ...]:
        """Return what tells schemas apart: the same for one schema and a mere reference to it."""
        return tuple(id(self._target(each)) for each in schemas)

    def _target(self, schema: Any) -> Any:
        met: set[int] = set()
        while (
            isinstance(schema, LocatedDict) and schema.keys() == {"$ref"} and id(schema) not in met
        ):
            met.add(id(schema))
            schema = self.document.target(schema)
        return schema

    def alternatives(self, schemas: Schemas) -> list[Schemas]:
        """Return the branches of the only `anyOf` or `oneOf`, each with what stands beside it."""
        key = tuple(id(each) for each in schemas)
        if key not in self._split:
            self._split[key] = (schemas, self._branches(schemas))
        return self._split[key][1]

    def _branches(self, schemas: Schemas) -> list[Schemas]:
        groups = self.shape(schemas).groups
        if len(groups) != 1:
            return [schemas]
        rest: Schemas = tuple(
            part.without("anyOf", "oneOf") if isinstance(part, LocatedDict) else part
            for part in self.parts(schemas)
        )
        return [(*rest, *branch) for branch in groups[0].branches]

    def parts(self, schemas: Schemas) -> list[Any]:
        """Return the schemas with all that they refer to, without `$ref` and `allOf`."""
        found: list[Any] = []
        waiting, met = list(schemas), set()
        while waiting:
            node = waiting.pop(0)
            if not isinstance(node, LocatedDict | bool):
                raise PartNotComparable(self.document.name, f"{node!r} is no schema")
            if isinstance(node, bool) or id(node) in met:
                found += [node] if isinstance(node, bool) else []
                continue
            met.add(id(node))
            below: list[Any] = [self.document.target(node)] if "$ref" in node else []
            if "$dynamicRef" in node:
                raise PartNotComparable(str(location(node)), "$dynamicRef is not compared")
            below += self.document.sequence(node, "allOf")
            if not ("$ref" in node and self.document.is_30):
                found.append(node.without("$ref", "allOf"))
            waiting = below + waiting
        return found

    def _joined(self, schemas: Schemas) -> Shape:
        whole = Shape()
        clauses: list[str] = []
        for part in self.parts(schemas):
            whole = _both(whole, self._read(part))
            if isinstance(part, LocatedDict):
                clauses += [str(each) for each in self.document.sequence(part, "x-clauses")]
        first = next((each for each in schemas if isinstance(each, LocatedDict)), None)
        whole.here = location(first) if first is not None else None
        whole.clauses = tuple(dict.fromkeys(clauses))
        return self._without_plain_groups(whole)

    def _read(self, node: Any) -> Shape:
        if isinstance(node, bool):
            return Shape() if node else Shape(types=frozenset())
        try:
            return _read(node, is_30=self.document.is_30)
        except (TypeError, ValueError, AttributeError, re.error) as problem:
            raise PartNotComparable(str(location(node)), f"a schema is broken: {problem}") from None

    def _without_plain_groups(self, shape: Shape) -> Shape:
        """Merge each `anyOf` or `oneOf` whose branches speak of different types."""
        kept = []
        for group in shape.groups:
            merged = self._union([self.shape(branch) for branch in group.branches])
            if merged is None:
                kept.append(group)
            else:
                here, clauses = shape.here, shape.clauses
                shape = _both(replace(shape, groups=[]), merged)
                shape.here, shape.clauses = here, clauses
        return replace(shape, groups=kept)

    def _union(self, shapes: list[Shape]) -> Shape | None:
        shapes = [shape for shape in shapes if shape.types]
        if not shapes or any(one.types & other.types for one, other in combinations(shapes, 2)):
            return None
        numeric = sum(1 for shape in shapes if shape.types & NUMBER)
        if numeric > 1 or any(s.groups or s.conditions or "not" in s.other for s in shapes):
            return None if len(shapes) > 1 or numeric > 1 else shapes[0]
        enums = [_values(shape) for shape in shapes]
        if any(shape.enum is not None for shape in shapes) and any(each is None for each in enums):
            return None
        whole = shapes[0]
        for shape in shapes[1:]:
            whole = _either(whole, shape)
        if any(shape.enum is not None for shape in shapes):
            whole.enum = [value for each in enums for value in each or ()]
        return whole


def key_of(value: Any) -> str:
    """Return a text that is the same for equal JSON values only."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def type_of(value: Any) -> str:
    """Return the type of a JSON value as shapes name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "fraction"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "string"


def _values(shape: Shape) -> list[Any] | None:
    """Return every value of a shape where it names them, or has only null and booleans."""
    if shape.enum is not None:
        return shape.enum
    if shape.types <= {"null", "boolean"}:
        nulls = [None] if "null" in shape.types else []
        return nulls + ([False, True] if "boolean" in shape.types else [])
    return None


def _read(node: LocatedDict, *, is_30: bool) -> Shape:
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
    return shape


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
            re.compile(pattern)
        shape.objects = [part]
    if "items" in node or "prefixItems" in node:
        shape.arrays = [node.without(*(key for key in node if key not in ("items", "prefixItems")))]
    for word in ("anyOf", "oneOf"):
        if word in node:
            branches: list[Schemas] = [(branch,) for branch in node[word]]
            shape.groups.append(Group(word, branches, location(node, word)))
    if "if" in node and ("then" in node or "else" in node):
        then, otherwise = ((node[word],) if word in node else () for word in ("then", "else"))
        place = location(node, "if")
        shape.conditions = [Condition((node["if"],), then, otherwise, place)]


def _types(node: LocatedDict, *, is_30: bool) -> frozenset[str]:
    given = node.get("type")
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
    if is_30 and node.get("nullable") is True:
        types.add("null")
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
    return _tighter((beyond, True), (value, False) if value is not None else None, word)


def _tighter(
    one: tuple[Any, bool] | None, other: tuple[Any, bool] | None, word: str
) -> tuple[Any, bool] | None:
    if one is None or other is None:
        return one or other
    return max(one, other) if word == "inimum" else min(one, other, key=lambda b: (b[0], not b[1]))


def _both(one: Shape, other: Shape) -> Shape:
    """Return the shape of values that keep both."""
    limits = dict(one.limits)
    for word, value in other.limits.items():
        limits[word] = _limit(word, limits[word], value) if word in limits else value
    return Shape(
        types=one.types & other.types,
        enum=_common(one.enum, other.enum),
        limits=limits,
        low=_tighter(one.low, other.low, "inimum"),
        high=_tighter(one.high, other.high, "aximum"),
        patterns=one.patterns | other.patterns,
        formats=one.formats | other.formats,
        required=one.required | other.required,
        objects=one.objects + other.objects,
        arrays=one.arrays + other.arrays,
        groups=one.groups + other.groups,
        conditions=one.conditions + other.conditions,
        other=one.other | other.other,
        default=other.default if one.default is None else one.default,
        deprecated=one.deprecated or other.deprecated,
        where=other.where | one.where,
        here=one.here or other.here,
    )


def _limit(word: str, one: Any, other: Any) -> Any:
    if word == "multipleOf":
        whole = isinstance(one, int) and isinstance(other, int)
        return math.lcm(one, other) if whole else max(one, other)
    return min(one, other) if word in UPPER else max(one, other)


def _common(one: list[Any] | None, other: list[Any] | None) -> list[Any] | None:
    if one is None or other is None:
        return other if one is None else one
    keys = {key_of(value) for value in other}
    return [value for value in one if key_of(value) in keys]


def _either(one: Shape, other: Shape) -> Shape:
    """Return the shape of values that keep one of two shapes of different types."""
    joined = _both(replace(one, types=EVERY, enum=None), replace(other, types=EVERY, enum=None))
    return replace(joined, types=one.types | other.types, enum=None)


def _tidied(shape: Shape) -> Shape:
    """Drop what says nothing about values of the types, and name types that values imply."""
    if shape.enum is not None:
        shape.enum = [value for value in shape.enum if _fits(value, shape)]
        shape.types = frozenset(type_of(value) for value in shape.enum)
        if shape.types == {"boolean"} and len(shape.enum) == 2:
            shape.enum = None
    if "string" not in shape.types:
        shape.patterns = frozenset()
    numeric, text = bool(shape.types & NUMBER), "string" in shape.types
    shape.formats = frozenset(
        each for each in shape.formats if (numeric if each in FORMATS_OF_NUMBERS else text)
    )
    if not numeric:
        shape.low = shape.high = None
    elif "fraction" not in shape.types:
        shape.low, shape.high = _whole(shape.low, up=True), _whole(shape.high, up=False)
    shape.limits = {
        word: value
        for word, value in shape.limits.items()
        if _speaks(word, shape.types) and not (word in LOWER and value == 0)
    }
    if "object" not in shape.types:
        shape.objects, shape.required = [], frozenset()
    if "array" not in shape.types:
        shape.arrays = []
    shape.other = {
        word: value
        for word, value in shape.other.items()
        if word not in OF_OTHER or OF_OTHER[word] in shape.types
    }
    return shape


def _fits(value: Any, shape: Shape) -> bool:
    kind = type_of(value)
    if kind not in shape.types:
        return False
    if kind == "string":
        length = len(value)
        high = shape.limits.get("maxLength", length)
        return bool(shape.limits.get("minLength", 0) <= length <= high) and all(
            re.search(pattern, value) for pattern in shape.patterns
        )
    if kind in NUMBER:
        low, high = shape.low or (value, False), shape.high or (value, False)
        above = value > low[0] if low[1] else value >= low[0]
        return bool(above and (value < high[0] if high[1] else value <= high[0]))
    return True


def _whole(bound: tuple[Any, bool] | None, *, up: bool) -> tuple[Any, bool] | None:
    """Return the bound of integers without a fraction and not exclusive."""
    if bound is None:
        return None
    value, exclusive = bound
    nearest = math.ceil(value) if up else math.floor(value)
    if exclusive and nearest == value:
        nearest += 1 if up else -1
    return (nearest, False)


def _speaks(word: str, types: frozenset[str]) -> bool:
    if word == "multipleOf":
        return bool(types & NUMBER)
    return LIMITED[word[3:]] in types if word != "uniqueItems" else "array" in types
