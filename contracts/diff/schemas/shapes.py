"""The schemas of a document as shapes: `$ref` followed, `allOf` merged."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import PartNotComparable, ReferenceUnresolved
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.schemas.joining import both, either, tidied
from duologue.contracts.diff.schemas.reading import read
from duologue.contracts.diff.schemas.shape import (
    NUMBER,
    Schemas,
    Shape,
)


class Shapes:
    """The schemas of one document as shapes, each worked out once.

    ``unsent`` is the keyword of properties that one direction does not carry: `readOnly` in
    requests, `writeOnly` in answers. They are no part of the shapes.
    """

    def __init__(self, document: Document, *, unsent: str = "") -> None:
        self.document, self.unsent = document, unsent
        self._kept: dict[tuple[int, ...], tuple[Schemas, Shape]] = {}
        self._split: dict[tuple[int, ...], tuple[Schemas, list[Schemas]]] = {}

    def shape(self, schemas: Schemas) -> Shape:
        """Return the one form of what these schemas ask; raise RunNotMade if they are broken."""
        key = tuple(id(each) for each in schemas)
        if key not in self._kept:
            made = tidied(self._joined(schemas))
            self._kept[key] = (schemas, made)
        return self._kept[key][1]

    def key(self, schemas: Schemas) -> tuple[int, ...]:
        """Return what tells schemas apart: the same for one schema and a mere reference to it."""
        return tuple(id(self.target(each)) for each in schemas)

    def target(self, schema: Any) -> Any:
        """Return a schema, or what a mere reference leads to."""
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
            if not isinstance(node, bool) and id(node) in met and not any(found) and not waiting:
                why = "which leads back to itself"
                raise ReferenceUnresolved(str(location(node)), str(node.get("$ref")), why=why)
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
            whole = both(whole, self._read(part))
            if isinstance(part, LocatedDict):
                clauses += [str(each) for each in self.document.sequence(part, "x-clauses")]
        first = next((each for each in schemas if isinstance(each, LocatedDict)), None)
        whole.here = location(first) if first is not None else None
        whole.clauses = tuple(dict.fromkeys(clauses))
        return self._without_plain_groups(self._without_unsent(whole))

    def _without_unsent(self, shape: Shape) -> Shape:
        names = (name for name in shape.property_names if self._is_unsent(shape, name))
        shape.unsent = frozenset(names) if self.unsent else frozenset()
        if shape.unsent:
            shape.required -= shape.unsent
            shape.objects = [_without_properties(node, shape.unsent) for node in shape.objects]
        return shape

    def _is_unsent(self, shape: Shape, name: str) -> bool:
        parts = self.parts(shape.schemas_of(name))
        return any(
            isinstance(part, LocatedDict) and part.get(self.unsent) is True for part in parts
        )

    def _read(self, node: Any) -> Shape:
        if isinstance(node, bool):
            return Shape() if node else Shape(types=frozenset())
        try:
            return read(node, is_30=self.document.is_30)
        except (TypeError, ValueError, AttributeError) as problem:
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
                shape = both(replace(shape, groups=[]), merged)
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
            whole = either(whole, shape)
        if any(shape.enum is not None for shape in shapes):
            whole.enum = [value for each in enums for value in each or ()]
        return whole


def _without_properties(node: LocatedDict, names: frozenset[str]) -> LocatedDict:
    copied = node.without()
    copied["properties"] = node["properties"].without(*names)
    return copied


def _values(shape: Shape) -> list[Any] | None:
    """Return every value of a shape where it names them, or has only null and booleans."""
    if shape.enum is not None:
        return shape.enum
    if shape.types <= {"null", "boolean"}:
        nulls = [None] if "null" in shape.types else []
        return nulls + ([False, True] if "boolean" in shape.types else [])
    return None
