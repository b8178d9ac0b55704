"""What a value has to be, in one form for all spellings of a schema: types as a set."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.diff.located import LocatedDict, Location
from duologue.contracts.diff.schemas.patterns import is_found

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
    *("contentEncoding", "contentMediaType"),
)
OF_OTHER = {
    **dict.fromkeys(("contains", "minContains", "maxContains", "unevaluatedItems"), "array"),
    **dict.fromkeys(("propertyNames", "dependentRequired", "dependentSchemas"), "object"),
    "unevaluatedProperties": "object",
    **dict.fromkeys(("contentEncoding", "contentMediaType"), "string"),
}


@dataclass
class Alternatives:
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
    groups: list[Alternatives] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    other: dict[str, Any] = field(default_factory=dict)
    default: Any = None
    deprecated: bool = False
    discriminator: Any = None
    lone_nullable: bool = False  # `nullable` of 3.0 without a type beside it
    unsent: frozenset[str] = frozenset()  # properties that one direction does not carry
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
        if is_found(pattern, name):
            described = True
            yield schema
    if not described and "additionalProperties" in node:
        yield node["additionalProperties"]


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
