"""Values drawn from a schema: its boundaries first, then values of each kind it names."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from duologue.contracts.diff.schemas.change import Step
from duologue.contracts.diff.schemas.shape import NUMBER, Schemas, Shape, key_of
from duologue.contracts.diff.schemas.shapes import Shapes
from duologue.contracts.diff.schemas.validator import Validators

DEPTH = 6
LONGEST = 20_000
DRAWN = 25
READABLE = 60
"""Values of this length in JSON are preferred as items of a list."""
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "ana@example.org",
    "idn-email": "ana@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/a",
    "uri-reference": "/a",
    "iri": "https://example.org/a",
    "uuid": "1b4e28ba-2fa1-4d2b-883f-0016d3cca427",
    "json-pointer": "/a",
    "regex": "^a$",
}
ONE_OF_EACH: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    0.5,
    -1,
    "",
    "a",
    "1",
    [],
    {},
    ["a"],
    {"a": 1},
)


class Samples:
    """Draws values for one document's schemas, and rebuilds values around a place in them."""

    def __init__(self, shapes: Shapes, validators: Validators) -> None:
        self.shapes, self.validators = shapes, validators
        self._kept: dict[tuple[int, ...], tuple[Schemas, list[Any]]] = {}
        self._based: dict[tuple[int, ...], tuple[Schemas, list[dict[str, Any]]]] = {}
        self._bared: dict[tuple[int, ...], tuple[Schemas, Schemas]] = {}

    def _bare(self, schemas: Schemas) -> Schemas:
        """Return the schemas without their own alternatives, which are added one by one."""
        key = tuple(map(id, schemas))
        if key not in self._bared:
            words = ("anyOf", "oneOf", "if", "then", "else")
            bare = tuple(
                part if isinstance(part, bool) else part.without(*words)
                for part in self.shapes.parts(schemas)
            )
            self._bared[key] = (schemas, bare)
        return self._bared[key][1]

    def _bases(self, schemas: Schemas) -> list[dict[str, Any]]:
        """Return a valid object and two that only look so, to put a property into."""
        key = self.shapes.key(schemas)
        if key not in self._based:
            objects = self._objects(self.shapes.shape(schemas), DEPTH)
            drawn = (*self.first(schemas), *itertools.islice(objects, 2))
            found = [each for each in drawn if isinstance(each, dict)]
            self._based[key] = (schemas, found)
        return self._based[key][1]

    def first(self, schemas: Schemas, depth: int = DEPTH) -> list[Any]:
        """Return one valid value in a list, or an empty list if none was drawn."""
        key = self.shapes.key(schemas)
        if key not in self._kept:
            valid = (
                value
                for value in itertools.islice(self.values(schemas, depth), 200)
                if self.validators.valid(schemas, value)
            )
            found = list(itertools.islice(valid, 1))
            if not found and depth < DEPTH:
                return found  # a deeper call may find one
            self._kept[key] = (schemas, found)
        return self._kept[key][1]

    def values(self, schemas: Schemas, depth: int = DEPTH) -> Iterator[Any]:
        """Yield values near the boundaries of what these schemas ask; not all of them are valid."""
        if depth <= 0:
            return
        shape = self.shapes.shape(schemas)
        if shape.enum is not None:
            yield from shape.enum
            return
        if shape.groups and depth > 1:
            for group in shape.groups:
                for branch in group.branches:
                    whole = (*self._bare(schemas), *branch)
                    yield from itertools.islice(self.values(whole, depth - 1), 60)
        if shape.conditions and depth > 1:
            for condition in shape.conditions:
                met = (*self._bare(schemas), *condition.test)
                for whole in ((*met, *condition.then), met):
                    yield from itertools.islice(self.values(whole, depth - 1), 20)
        yield from self._by_type(shape, depth)

    def _by_type(self, shape: Shape, depth: int) -> Iterator[Any]:
        if "string" in shape.types:
            yield from strings(shape)
        if shape.types & NUMBER:
            yield from numbers(shape)
        if "array" in shape.types:
            yield from self._arrays(shape, depth)
        if "object" in shape.types:
            yield from self._objects(shape, depth)
        if "boolean" in shape.types:
            yield from (True, False)
        if "null" in shape.types:
            yield None

    def _arrays(self, shape: Shape, depth: int) -> Iterator[Any]:
        sizes = {0, 1, 2}
        for word in ("minItems", "maxItems"):
            if word in shape.limits:
                sizes |= {shape.limits[word] + each for each in (-1, 0, 1)}
        for size in sorted(each for each in sizes if 0 <= each <= LONGEST):
            many = self._items(shape, size, depth)
            if many is not None:
                yield many
                if size > 1:
                    yield [many[0]] * size

    def _items(self, shape: Shape, size: int, depth: int) -> list[Any] | None:
        """Return a list of this size, of different items where enough are drawn."""
        items: list[Any] = []
        pools: dict[int, list[Any]] = {}
        for index in range(size):
            schemas = shape.schemas_at(index)
            key = min(index, shape.prefix_length)
            if key not in pools:
                pools[key] = self._pool(schemas, size, depth)
            if not pools[key]:
                return None
            items.append(pools[key][index % len(pools[key])])
        return items

    def _pool(self, schemas: Schemas, size: int, depth: int) -> list[Any]:
        pool = self.first(schemas, depth - 1) if size < 2 else []
        if not pool:
            drawn = itertools.islice(self.values(schemas, depth - 1), 40)
            valid = (value for value in drawn if self.validators.valid(schemas, value))
            every = list({key_of(value): value for value in valid}.values())
            pool = [value for value in every if len(key_of(value)) < READABLE] or every
        shape = self.shapes.shape(schemas)
        if "string" in shape.types and not shape.patterns and shape.enum is None:
            longer = (f"{number:06}" for number in range(size))
            pool += [value for value in longer if self.validators.valid(schemas, value)]
        if shape.types == {"integer"}:
            low = (shape.low or (0, False))[0]
            pool += [low + n for n in range(size) if self.validators.valid(schemas, low + n)]
        return list({key_of(value): value for value in pool}.values())

    def _objects(self, shape: Shape, depth: int) -> Iterator[Any]:
        whole: dict[str, Any] = {}
        for name in [*shape.property_names, *sorted(shape.required)]:
            if name not in whole:
                drawn = self.first(shape.schemas_of(name), depth - 1)
                if drawn:
                    whole[name] = drawn[0]
        least = {name: value for name, value in whole.items() if name in shape.required}
        yield least
        yield whole
        for name, value in whole.items():
            yield {key: each for key, each in whole.items() if key != name}
            yield least | {name: value}
        yield from self._sized(shape, whole, depth)

    def _sized(self, shape: Shape, whole: dict[str, Any], depth: int) -> Iterator[Any]:
        unknown = self.first(shape.additional, depth - 1) or ["a"]
        yield whole | {"unknown1": unknown[0]}
        for word in ("minProperties", "maxProperties"):
            for size in (shape.limits.get(word, -9) + each for each in (-1, 0, 1)):
                if 0 <= size <= 200:
                    extra = {f"unknown{number}": unknown[0] for number in range(size)}
                    kept = dict(list((whole | extra).items())[:size])
                    yield kept

    def around(
        self, schemas: Schemas, steps: tuple[Step, ...], leaf: Any, *, most: int | None = None
    ) -> Iterator[Any]:
        """Yield values of `schemas` with `leaf` at the place that `steps` lead to.

        At most ``most`` for each object on the way, which multiply.
        """
        if not steps:
            yield leaf
            return
        (word, name), rest = steps[0], steps[1:]
        if word in ("branch", "then", "else"):
            yield from self.around(self.chosen(schemas, word, name), rest, leaf, most=most)
            return
        shape = self.shapes.shape(schemas)
        if word == "item":
            for value in self.around(shape.schemas_at(name), rest, leaf, most=most):
                yield from self._list_with(shape, name, value)
        else:
            yield from self._object_with(schemas, steps, leaf, most=most)

    def chosen(self, schemas: Schemas, word: str, name: Any) -> Schemas:
        """Return the schemas with one alternative, or one way of an `if`, taken."""
        bare = self._bare(schemas)
        if word == "branch":
            return (*bare, *name)
        if word == "then":
            return (*bare, *name.test, *name.then)
        return (*bare, *name.otherwise)

    def _list_with(self, shape: Shape, index: int, value: Any) -> Iterator[Any]:
        size = max(index + 1, shape.limits.get("minItems", 0))
        many = self._items(shape, size, DEPTH)
        if many is not None:
            yield [*many[:index], value, *many[index + 1 :]]
        elif index == 0:
            yield [value] * size

    def _object_with(
        self, whole: Schemas, steps: tuple[Step, ...], leaf: Any, *, most: int | None
    ) -> Iterator[Any]:
        (word, name), rest = steps[0], steps[1:]
        shape = self.shapes.shape(whole)
        if word == "additional":
            name, schemas = "unknown1", shape.additional
        elif word == "pattern":
            drawn = matching(name)
            schemas = shape.by_pattern.get(name, ())
            name = next((each for each in drawn if each), "a")
        else:
            schemas = shape.schemas_of(name)
        for value in self.around(schemas, rest, leaf, most=most):
            for base in self._bases(whole)[:most]:
                yield base | {name: value}


def strings(shape: Shape) -> Iterator[str]:
    """Yield texts at the boundaries of length, of the formats, and that match the patterns."""
    for name in sorted(shape.formats):
        yield FORMATS.get(name, "a")
    for pattern in sorted(shape.patterns):
        yield from matching(pattern)
    sizes = {1, 0, 3}
    for word in ("minLength", "maxLength"):
        if word in shape.limits:
            sizes |= {shape.limits[word] + each for each in (-1, 0, 1)}
    for size in sorted(each for each in sizes if 0 <= each <= LONGEST):
        yield "a" * size
        for pattern in sorted(shape.patterns):
            yield from (text for text in matching(pattern, size) if len(text) == size)
    yield from ("1", "not a format", "A_-1", "\U0001f600", " ")


@lru_cache(maxsize=512)
def matching(pattern: str, size: int | None = None) -> tuple[str, ...]:
    """Return texts in which the pattern is found, always the same; empty if it cannot be drawn."""
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415 - 0.2 s
    from hypothesis import strategies as st  # noqa: PLC0415

    found: list[str] = []
    try:
        compiled = re.compile(pattern)
        strategy = st.from_regex(compiled, alphabet=st.characters(codec="ascii", min_codepoint=32))
        if size is not None:
            strategy = (
                st.from_regex(
                    re.compile(f"(?=^[ -~]{{{size}}}$){pattern}"),
                    alphabet=st.characters(codec="ascii", min_codepoint=32),
                )
                if size <= 64
                else st.nothing()
            )

        @settings(
            derandomize=True,
            backend="hypothesis",
            database=None,
            max_examples=DRAWN,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def draw(text: str) -> None:
            found.append(text)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            draw()
    except Exception:
        return tuple(dict.fromkeys(found))
    return tuple(sorted(dict.fromkeys(found), key=lambda text: (len(text), text)))


def numbers(shape: Shape) -> Iterator[Any]:
    """Yield numbers at the boundaries, whole ones first."""
    near: list[Any] = [0, 1, -1, 2]
    for bound in (shape.low, shape.high):
        if bound is not None:
            near += [bound[0] + each for each in (0, -1, 1)]
    step = shape.limits.get("multipleOf")
    if step is not None:
        near += [step, step * 2, step * 3, step * 5, step * 7, 0]
        near += [
            (b[0] // step + each) * step for b in (shape.low, shape.high) if b for each in (0, 1)
        ]
    near += [2**31 - 1, 2**31, 2**53, -(2**31) - 1, 2**62]
    yield from near
    if "fraction" in shape.types:
        yield from (value + each for value in near[:10] for each in (0.5, -0.5, 0.01))
