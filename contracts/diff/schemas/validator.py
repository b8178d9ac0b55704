"""The validator that judges witnesses: a document's schemas as JSON Schema 2020-12."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from duologue.contracts.diff.errors import PartNotComparable
from duologue.contracts.diff.located import LocatedDict
from duologue.contracts.diff.schemas.shape import Schemas
from duologue.contracts.diff.schemas.shapes import Shapes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS = (
    *("not", "if", "then", "else", "items", "contains", "propertyNames"),
    *("additionalProperties", "unevaluatedItems", "unevaluatedProperties"),
)
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPPINGS = ("properties", "patternProperties", "dependentSchemas")
PLAIN = (
    *("type", "enum", "const", "minLength", "maxLength", "pattern", "format", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
    *("uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties", "required"),
    "dependentRequired",
)
WIDTHS = {"int32": 31, "int64": 63}

IsValid = Callable[[Any], bool]


class Validators:
    """One document's validators.

    Schemas that refer to others are compiled together: one validator holds each of them under a
    name, so that a schema that many share is compiled once and not once for each that leads to it.
    ``compiled_characters`` counts what was compiled, written as JSON.
    """

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.compiled_characters = 0
        self._kept: dict[tuple[int, ...], tuple[Schemas, IsValid]] = {}
        self._plain = _Plain(shapes)
        self._named: Any = None
        self._names: frozenset[str] = frozenset()

    def valid(self, schemas: Schemas, value: Any) -> bool:
        """Tell whether a value keeps all these schemas; raise PartNotComparable for broken ones."""
        key = self.shapes.key(schemas)
        if key not in self._kept:
            self._kept[key] = (schemas, self._judge(schemas))
        return self._kept[key][1](value)

    def _judge(self, schemas: Schemas) -> IsValid:
        unsent = self.shapes.shape(schemas).unsent
        if not any(map(refers, schemas)):
            written = [self._plain.plain(each, unsent) for each in schemas]
            alone = self._compile({"allOf": written or [True]})
            return lambda value: bool(alone.is_valid(value))
        names = [self._plain.named(each, unsent) for each in schemas]
        return lambda value: all(self._together(name).is_valid({name: value}) for name in names)

    def _together(self, name: str) -> Any:
        """Return the validator of all named schemas, each of a property of its name."""
        if name not in self._names:
            definitions = self._plain.definitions
            self._names = frozenset(definitions)
            properties = {each: _reference(each) for each in definitions}
            self._named = self._compile({"properties": properties, "$defs": definitions})
        return self._named

    def _compile(self, whole: dict[str, Any]) -> Any:
        import jsonschema_rs  # noqa: PLC0415 - a comparison without differences needs none

        text = json.dumps({"$schema": DIALECT, **whole})
        self.compiled_characters += len(text)
        try:
            return jsonschema_rs.Draft202012Validator(text, validate_formats=True)
        except (jsonschema_rs.ValidationError, ValueError) as problem:
            words = " ".join(str(problem).split())[:200]
            raise PartNotComparable(
                self.shapes.document.name, f"a schema is broken: {words}"
            ) from None


def refers(node: Any) -> bool:
    """Tell whether a schema, or one within it, refers to another."""
    if isinstance(node, list):
        return any(map(refers, node))
    return isinstance(node, dict) and ("$ref" in node or any(map(refers, node.values())))


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


class _Plain:
    """Writes schemas without files, lines and the spellings of OpenAPI 3.0, each once."""

    def __init__(self, shapes: Shapes) -> None:
        self.document, self.shapes = shapes.document, shapes
        self.names: dict[tuple[int, frozenset[str]], str] = {}
        self.definitions: dict[str, Any] = {}
        self.kept: list[Any] = []  # what is named by its id must not go
        self.waiting: list[tuple[str, Any, frozenset[str]]] = []

    def named(self, node: Any, unsent: frozenset[str]) -> str:
        """Return the name of a schema, which is defined, and so is all that it refers to."""
        name = self._name(node, unsent)
        while self.waiting:  # one by one: schemas that refer to each other are many levels deep
            each, target, hidden = self.waiting.pop()
            self.definitions[each] = self.plain(target, hidden)
        return name

    def _name(self, node: Any, unsent: frozenset[str]) -> str:
        target = self.shapes.target(node)
        key = (id(target), unsent)
        if key not in self.names:
            self.names[key] = f"s{len(self.names)}"
            self.kept.append(target)
            self.waiting.append((self.names[key], target, unsent))
        return self.names[key]

    def _below(self, node: Any) -> Any:
        """Return a schema within another: by its name where it refers to others itself."""
        if isinstance(node, LocatedDict) and refers(node):
            return _reference(self._name(node, frozenset()))
        return self.plain(node)

    def plain(self, node: Any, unsent: frozenset[str] = frozenset()) -> Any:
        """Return a schema; `unsent` are properties that a schema around it does not carry."""
        if not isinstance(node, LocatedDict):
            return node
        if self.shapes.unsent:
            unsent |= self.shapes.shape((node,)).unsent
        written: dict[str, Any] = {}
        if "$ref" in node:
            written |= _reference(self._name(self.document.target(node), unsent))
            if self.document.is_30:
                return written
        for word in PLAIN:
            if word in node:
                written[word] = node[word]
        for word in SCHEMAS:
            if word in node:
                written[word] = self._below(node[word])
        for word in LISTS:
            if word in node:
                is_whole = word == "allOf"
                written[word] = [
                    self.plain(each, unsent) if is_whole else self._below(each)
                    for each in node[word]
                ]
        for word in MAPPINGS:
            if word in node:
                written[word] = {name: self._below(each) for name, each in node[word].items()}
        return self._dialect(_without(written, unsent), node)

    def _dialect(self, written: dict[str, Any], node: LocatedDict) -> dict[str, Any]:
        kind = written.get("type")
        if self.document.is_30 and node.get("nullable") is True and isinstance(kind, str):
            written["type"] = [kind, "null"]
        for plain, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            is_flag = isinstance(written.get(exclusive), bool)
            if is_flag and written.pop(exclusive) and plain in written:
                written[exclusive] = written.pop(plain)
        bits = WIDTHS.get(str(written.get("format")))
        if bits:
            bounds = {"minimum": -(2**bits), "maximum": 2**bits - 1}
            written = {"allOf": [written, bounds]}
        return written


def _without(written: dict[str, Any], unsent: frozenset[str]) -> dict[str, Any]:
    """Return a schema that neither describes nor requires these properties."""
    if not unsent:
        return written
    kept = dict(written)
    if "properties" in kept:
        properties = kept["properties"].items()
        kept["properties"] = {name: each for name, each in properties if name not in unsent}
    if "required" in kept:
        kept["required"] = [name for name in kept["required"] if name not in unsent]
    return kept
