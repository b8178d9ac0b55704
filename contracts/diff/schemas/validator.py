"""The validator that judges witnesses: a document's schemas as JSON Schema 2020-12."""

from __future__ import annotations

import json
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


class Validators:
    """One document's validators, each compiled once."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._kept: dict[tuple[int, ...], tuple[Schemas, Any]] = {}
        self._plain = _Plain(shapes)

    def valid(self, schemas: Schemas, value: Any) -> bool:
        """Tell whether a value keeps all these schemas; raise PartNotComparable for broken ones."""
        key = tuple(map(id, schemas))
        if key not in self._kept:
            self._kept[key] = (schemas, self._compiled(schemas))
        return bool(self._kept[key][1].is_valid(value))

    def _compiled(self, schemas: Schemas) -> Any:
        import jsonschema_rs  # noqa: PLC0415 - a comparison without differences needs none

        whole = self._plain.whole(schemas)
        try:
            return jsonschema_rs.Draft202012Validator(json.dumps(whole), validate_formats=True)
        except (jsonschema_rs.ValidationError, ValueError) as problem:
            words = " ".join(str(problem).split())[:200]
            raise PartNotComparable(
                self.shapes.document.name, f"a schema is broken: {words}"
            ) from None


class _Plain:
    """Writes schemas without files, lines and the spellings of OpenAPI 3.0, each once."""

    def __init__(self, shapes: Shapes) -> None:
        self.document, self.shapes = shapes.document, shapes
        self.names: dict[tuple[int, frozenset[str]], str] = {}
        self.definitions: dict[str, Any] = {}
        self.waiting: list[tuple[str, Any, frozenset[str]]] = []

    def whole(self, schemas: Schemas) -> dict[str, Any]:
        unsent = self.shapes.shape(schemas).unsent
        every = [self.plain(each, unsent) for each in schemas]
        while self.waiting:  # one by one: schemas that refer to each other are many levels deep
            name, target, hidden = self.waiting.pop()
            self.definitions[name] = self.plain(target, hidden)
        return {"$schema": DIALECT, "allOf": every or [True], "$defs": self.definitions}

    def plain(self, node: Any, unsent: frozenset[str] = frozenset()) -> Any:
        """Return a schema; `unsent` are properties that a schema around it does not carry."""
        if not isinstance(node, LocatedDict):
            return node
        if self.shapes.unsent:
            unsent |= self.shapes.shape((node,)).unsent
        written: dict[str, Any] = {}
        if "$ref" in node:
            written["$ref"] = self._reference(node, unsent)
            if self.document.is_30:
                return written
        for word in PLAIN:
            if word in node:
                written[word] = node[word]
        for word in SCHEMAS:
            if word in node:
                written[word] = self.plain(node[word])
        for word in LISTS:
            if word in node:
                inner = unsent if word == "allOf" else frozenset()
                written[word] = [self.plain(each, inner) for each in node[word]]
        for word in MAPPINGS:
            if word in node:
                written[word] = {name: self.plain(each) for name, each in node[word].items()}
        return self._dialect(_without(written, unsent), node)

    def _reference(self, node: LocatedDict, unsent: frozenset[str]) -> str:
        target = self.document.target(node)
        key = (id(target), unsent)
        if key not in self.names:
            name = self.names[key] = f"s{len(self.names)}"
            self.waiting.append((name, target, unsent))
        return f"#/$defs/{self.names[key]}"

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
