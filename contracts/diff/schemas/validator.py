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

    def valid(self, schemas: Schemas, value: Any) -> bool:
        """Tell whether a value keeps all these schemas; raise PartNotComparable for broken ones."""
        key = tuple(map(id, schemas))
        if key not in self._kept:
            self._kept[key] = (schemas, self._compiled(schemas))
        return bool(self._kept[key][1].is_valid(value))

    def _compiled(self, schemas: Schemas) -> Any:
        import jsonschema_rs  # noqa: PLC0415 - a comparison without differences needs none

        whole = _Plain(self.shapes).whole(schemas)
        try:
            return jsonschema_rs.Draft202012Validator(json.dumps(whole), validate_formats=True)
        except (jsonschema_rs.ValidationError, ValueError) as problem:
            words = " ".join(str(problem).split())[:200]
            raise PartNotComparable(
                self.shapes.document.name, f"a schema is broken: {words}"
            ) from None


class _Plain:
    """Writes schemas without files, lines and the spellings of OpenAPI 3.0."""

    def __init__(self, shapes: Shapes) -> None:
        self.document = shapes.document
        self.names: dict[int, str] = {}
        self.definitions: dict[str, Any] = {}

    def whole(self, schemas: Schemas) -> dict[str, Any]:
        every = [self.plain(each) for each in schemas]
        return {"$schema": DIALECT, "allOf": every or [True], "$defs": self.definitions}

    def plain(self, node: Any) -> Any:
        if not isinstance(node, LocatedDict):
            return node
        written: dict[str, Any] = {}
        if "$ref" in node:
            written["$ref"] = self._reference(node)
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
                written[word] = [self.plain(each) for each in node[word]]
        for word in MAPPINGS:
            if word in node:
                written[word] = {name: self.plain(each) for name, each in node[word].items()}
        return self._dialect(written, node)

    def _reference(self, node: LocatedDict) -> str:
        target = self.document.target(node)
        if id(target) not in self.names:
            name = self.names[id(target)] = f"s{len(self.names)}"
            self.definitions[name] = self.plain(target)
        return f"#/$defs/{self.names[id(target)]}"

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
