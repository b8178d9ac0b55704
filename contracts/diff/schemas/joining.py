"""Shapes put together: what both let through, what either does, and nothing said twice."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from duologue.contracts.diff.schemas.patterns import is_found
from duologue.contracts.diff.schemas.shape import (
    EVERY,
    FORMATS_OF_NUMBERS,
    LIMITED,
    LOWER,
    NUMBER,
    OF_OTHER,
    UPPER,
    Shape,
    key_of,
    type_of,
)


def tighter(
    one: tuple[Any, bool] | None, other: tuple[Any, bool] | None, word: str
) -> tuple[Any, bool] | None:
    """Return the bound that lets less through, None for no bound."""
    if one is None or other is None:
        return one or other
    return max(one, other) if word == "inimum" else min(one, other, key=lambda b: (b[0], not b[1]))


def both(one: Shape, other: Shape) -> Shape:
    """Return the shape of values that keep both."""
    limits = dict(one.limits)
    for word, value in other.limits.items():
        limits[word] = _limit(word, limits[word], value) if word in limits else value
    return Shape(
        types=one.types & other.types,
        enum=_common(one.enum, other.enum),
        limits=limits,
        low=tighter(one.low, other.low, "inimum"),
        high=tighter(one.high, other.high, "aximum"),
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
        discriminator=other.discriminator if one.discriminator is None else one.discriminator,
        lone_nullable=one.lone_nullable or other.lone_nullable,
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


def either(one: Shape, other: Shape) -> Shape:
    """Return the shape of values that keep one of two shapes of different types."""
    joined = both(replace(one, types=EVERY, enum=None), replace(other, types=EVERY, enum=None))
    return replace(joined, types=one.types | other.types, enum=None)


def tidied(shape: Shape) -> Shape:
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
            is_found(pattern, value) for pattern in shape.patterns
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
