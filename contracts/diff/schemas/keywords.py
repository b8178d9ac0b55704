"""The differences of single keywords: types, enums, bounds, texts, annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duologue.contracts.diff.located import Location
from duologue.contracts.diff.schemas.change import Effect, SchemaChange, kebab
from duologue.contracts.diff.schemas.shape import (
    FORMATS_OF_NUMBERS,
    LIMITED,
    LOWER,
    NUMBER,
    Shape,
    key_of,
    type_of,
)


def compare_annotations(one: Shape, other: Shape) -> Iterator[SchemaChange]:
    """Yield what changed of default and deprecation: no value is refused for it."""
    if key_of(one.default) != key_of(other.default):
        words = f"default {one.default!r} became {other.default!r}"
        detail = (one.default, other.default)
        where = (one.place("default"), other.place("default"))
        yield SchemaChange("default-changed", Effect.NONE, words, (), (), detail, *where)
    if other.deprecated and not one.deprecated:
        where = (one.here, other.place("deprecated"))
        yield SchemaChange("deprecated", Effect.NONE, "it became deprecated", (), (), (), *where)
    if one.lone_nullable != other.lone_nullable:
        verb = "added" if other.lone_nullable else "removed"
        words = (
            f"nullable was {verb} without a type beside it, where OpenAPI 3.0 gives it no effect"
        )
        where = (one.place("nullable"), other.place("nullable"))
        yield SchemaChange(f"nullable-without-type-{verb}", Effect.NONE, words, (), (), (), *where)


def _names(types: frozenset[str]) -> str:
    """Return types as a document writes them."""
    shown = sorted(types - NUMBER)
    if types & NUMBER:
        shown.append("number" if "fraction" in types else "integer")
    return ", ".join(shown) or "nothing"


def compare_types(one: Shape, other: Shape) -> Iterator[SchemaChange]:
    """Yield the change of the types that are let through."""
    where = (one.place("type", "nullable"), other.place("type", "nullable"))
    gone, come = one.types - other.types, other.types - one.types
    if "null" in come and one.types:
        yield SchemaChange(
            "became-nullable", Effect.WIDER, "null is let through now", (), (), (), *where
        )
    if "null" in gone and other.types:
        words = "null is refused now"
        yield SchemaChange("became-not-nullable", Effect.NARROWER, words, (), (), (), *where)
    gone, come = gone - {"null"}, come - {"null"}
    if gone or come:
        effect = Effect.BOTH if gone and come else Effect.NARROWER if gone else Effect.WIDER
        detail = (_names(one.types - {"null"}), _names(other.types - {"null"}))
        words = f"type {detail[0]} became {detail[1]}"
        if not one.types or not other.types:
            words = "it is let through now" if other.types else "it is refused now, whatever it is"
        yield SchemaChange("type-changed", effect, words, (), (), detail, *where)


def compare_enums(one: Shape, other: Shape) -> Iterator[SchemaChange]:
    """Yield the change of the values that are named."""
    where = (one.place("enum", "const"), other.place("enum", "const"))
    if one.enum is None:
        fit = all(type_of(value) in one.types for value in other.enum or ())
        words, detail = f"only {_list(other.enum)} is let through now", tuple(other.enum or ())
        effect = Effect.NARROWER if fit else Effect.BOTH
        yield SchemaChange("enum-added", effect, words, (), (), detail, *where)
        return
    if other.enum is None:
        fit = all(type_of(value) in other.types for value in one.enum)
        words, effect = "the list of values was removed", Effect.WIDER if fit else Effect.BOTH
        yield SchemaChange("enum-removed", effect, words, (), (), tuple(one.enum), *where)
        return
    mine, yours = {key_of(v): v for v in one.enum}, {key_of(v): v for v in other.enum}
    gone = [value for key, value in mine.items() if key not in yours]
    come = [value for key, value in yours.items() if key not in mine]
    if gone:
        words = f"the value {_list(gone)} was removed"
        yield SchemaChange(
            "enum-value-removed", Effect.NARROWER, words, (), (), tuple(gone), *where
        )
    if come:
        words = f"the value {_list(come)} was added"
        yield SchemaChange("enum-value-added", Effect.WIDER, words, (), (), tuple(come), *where)


def _list(values: list[Any] | None) -> str:
    return ", ".join(key_of(value) for value in values or ())


def compare_bounds(one: Shape, other: Shape) -> Iterator[SchemaChange]:
    """Yield the changes of limits, of the types that both sides let through."""
    common = one.types & other.types
    if common & NUMBER:
        for word, low in (("minimum", True), ("maximum", False)):
            mine, yours = (one.low, other.low) if low else (one.high, other.high)
            exclusive = f"exclusive{word.capitalize()}"
            where = (one.place(word, exclusive), other.place(word, exclusive))
            yield from _moved(word, mine, yours, where=where, lower=low)
    words = sorted(one.limits.keys() | other.limits.keys())
    for word in words:
        if word == "uniqueItems" and "array" not in common:
            continue
        where = (one.place(word), other.place(word))
        mine, yours = one.limits.get(word), other.limits.get(word)
        if word == "multipleOf" and mine is not None and yours is not None and mine != yours:
            yield _multiple(mine, yours, where)
        elif word == "multipleOf" or _shared(word, common):
            yield from _moved(word, mine, yours, where=where, lower=word in LOWER)


def _shared(word: str, common: frozenset[str]) -> bool:
    return any(word.endswith(end) and each in common for end, each in LIMITED.items())


def _multiple(
    mine: Any, yours: Any, where: tuple[Location | None, Location | None]
) -> SchemaChange:
    effect = Effect.BOTH
    if yours % mine == 0:
        effect = Effect.NARROWER
    elif mine % yours == 0:
        effect = Effect.WIDER
    words = f"multipleOf {mine} became {yours}"
    return SchemaChange("multiple-of-changed", effect, words, (), (), (mine, yours), *where)


def _moved(
    word: str, mine: Any, yours: Any, *, where: tuple[Any, Any], lower: bool
) -> Iterator[SchemaChange]:
    if mine == yours:
        return
    stem, detail = kebab(word), (_shown(mine), _shown(yours))
    if mine is None:
        words = f"{word} {detail[1]} was added"
        yield SchemaChange(f"{stem}-added", Effect.NARROWER, words, (), (), detail, *where)
    elif yours is None:
        words = f"{word} {detail[0]} was removed"
        yield SchemaChange(f"{stem}-removed", Effect.WIDER, words, (), (), detail, *where)
    else:
        raised = _rank(yours, lower) > _rank(mine, lower)
        effect = Effect.NARROWER if raised == lower else Effect.WIDER
        words = f"{word} {detail[0]} became {detail[1]}"
        kind = f"{stem}-{'raised' if raised else 'lowered'}"
        yield SchemaChange(kind, effect, words, (), (), detail, *where)


def _rank(bound: Any, lower: bool) -> Any:
    if isinstance(bound, tuple):
        return (bound[0], bound[1] if lower else not bound[1])
    return bound


def _shown(bound: Any) -> Any:
    if isinstance(bound, tuple):
        return f"{bound[0]} (exclusive)" if bound[1] else bound[0]
    return bound


def compare_texts(one: Shape, other: Shape) -> Iterator[SchemaChange]:
    """Yield the changes of patterns and formats."""
    common = one.types & other.types
    for word, mine, yours in (
        ("pattern", one.patterns, other.patterns),
        ("format", one.formats, other.formats),
    ):
        numeric = {each for each in mine | yours if each in FORMATS_OF_NUMBERS}
        texts = (mine | yours) - numeric
        shared = (numeric if common & NUMBER else set()) | (texts if "string" in common else set())
        gone, come = sorted((mine - yours) & shared), sorted((yours - mine) & shared)
        where, detail = (one.place(word), other.place(word)), (*gone, "->", *come)
        if gone and come:
            words = f"{word} {' and '.join(gone)} became {' and '.join(come)}"
            effect = _of_formats(gone, come)
            yield SchemaChange(f"{word}-changed", effect, words, (), (), detail, *where)
        elif gone:
            words = f"{word} {' and '.join(gone)} was removed"
            yield SchemaChange(f"{word}-removed", Effect.WIDER, words, (), (), detail, *where)
        elif come:
            words = f"{word} {' and '.join(come)} was added"
            yield SchemaChange(f"{word}-added", Effect.NARROWER, words, (), (), detail, *where)


def _of_formats(gone: list[str], come: list[str]) -> Effect:
    known = {("int32", "int64"): Effect.WIDER, ("int64", "int32"): Effect.NARROWER}
    known |= {("float", "double"): Effect.WIDER, ("double", "float"): Effect.NARROWER}
    return known.get((gone[0], come[0]), Effect.BOTH)
