"""The differences of two schemas, each with the place in a value that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from duologue.contracts.diff.located import Location
from duologue.contracts.diff.schemas.shape import (
    FORMATS_OF_NUMBERS,
    LOWER,
    NUMBER,
    Condition,
    Group,
    Schemas,
    Shape,
    Shapes,
    key_of,
    type_of,
)

Step = tuple[str, Any]
"""One step from a schema to one below: property, item, additional, branch, then, else."""


class Effect(StrEnum):
    """What a difference does to the set of valid values."""

    NARROWER = "narrower"
    WIDER = "wider"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True)
class Change:
    """One difference; ``old_steps`` lead to its place in the old schema, ``steps`` in the new."""

    kind: str
    effect: Effect
    words: str
    steps: tuple[Step, ...] = ()
    old_steps: tuple[Step, ...] = ()
    detail: tuple[Any, ...] = ()
    old_where: Location | None = None
    new_where: Location | None = None
    clauses: tuple[str, ...] = ()
    exclusive: bool = False  # within a oneOf, where less can let more through

    def below(self, old: Step, new: Step) -> Change:
        """Return the change as it is seen from a schema around it."""
        return replace(self, steps=(new, *self.steps), old_steps=(old, *self.old_steps))


class Comparison:
    """Compares schemas of two documents; each pair is compared once."""

    def __init__(self, old: Shapes, new: Shapes) -> None:
        self.old, self.new = old, new
        self._kept: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[Any, list[Change]]] = {}

    def changes(self, old: Schemas, new: Schemas) -> list[Change]:
        """Return the differences; a pair that is being compared already adds nothing."""
        key = (self.old.key(old), self.new.key(new))
        if key not in self._kept:
            self._kept[key] = ((old, new), [])
            self._kept[key] = ((old, new), list(self._compared(old, new)))
        return self._kept[key][1]

    def same(self, old: Schemas, new: Schemas) -> bool:
        """Tell whether both let the same values through, as far as their form tells."""
        return not any(each.effect is not Effect.NONE for each in self.changes(old, new))

    def _compared(self, old: Schemas, new: Schemas) -> Iterator[Change]:
        one, other = self.old.shape(old), self.new.shape(new)
        clauses = other.clauses or one.clauses
        if len(one.groups) != len(other.groups) and len(one.groups) + len(other.groups) > 0:
            found = self._alternatives(old, new)
        else:
            found = self._plain(one, other)
        for change in found:
            yield change if change.clauses else replace(change, clauses=clauses)

    def _alternatives(self, old: Schemas, new: Schemas) -> Iterator[Change]:
        one, other = self.old.shape(old), self.new.shape(new)
        if len(one.groups) > 1 or len(other.groups) > 1:
            yield from self._plain(one, other)
            return
        word = (one.groups or other.groups)[0].word
        place_one = one.groups[0].where if one.groups else one.here
        place_other = other.groups[0].where if other.groups else other.here
        yield from self._groups(
            Group(word, self.old.alternatives(old), place_one),
            Group(word, self.new.alternatives(new), place_other),
        )

    def _plain(self, one: Shape, other: Shape) -> Iterator[Change]:
        yield from _annotations(one, other)
        if one.enum is not None or other.enum is not None:
            yield from _enums(one, other)
        else:
            yield from _types(one, other)
            yield from _bounds(one, other)
            yield from _texts(one, other)
        if "object" in one.types & other.types:
            yield from self._objects(one, other)
        if "array" in one.types & other.types:
            yield from self._arrays(one, other)
        yield from self._all_groups(one, other)
        yield from self._conditions(one.conditions, other.conditions)
        yield from self._other(one, other)

    def _objects(self, one: Shape, other: Shape) -> Iterator[Change]:
        for name in sorted(other.required - one.required):
            words, place = f"{name!r} became required", other.place("required")
            yield Change(
                "became-required", Effect.NARROWER, words, (), (), (name,), one.here, place
            )
        for name in sorted(one.required - other.required):
            words, place = f"{name!r} is no longer required", one.place("required")
            there = other.place("required")
            yield Change("became-optional", Effect.WIDER, words, (), (), (name,), place, there)
        names = dict.fromkeys([*one.property_names, *other.property_names])
        for name in names:
            yield from self._property(one, other, name)
        yield from self._additional(one, other)
        mine, yours = one.by_pattern, other.by_pattern
        for pattern in dict.fromkeys([*mine, *yours]):
            step = ("pattern", pattern)
            for change in self.changes(mine.get(pattern, ()), yours.get(pattern, ())):
                yield change.below(step, step)

    def _property(self, one: Shape, other: Shape, name: str) -> Iterator[Change]:
        in_one, in_other = name in one.property_names, name in other.property_names
        step, place_one, place_other = ("property", name), _at(one, name), _at(other, name)
        if in_one and not in_other:
            words = f"property {name!r} was removed"
            required = "required" if name in one.required else "optional"
            detail = (name, required)
            shape = self.old.shape(one.schemas_of(name))
            change = Change("property-removed", Effect.NONE, words, (), (), detail, place_one)
            yield replace(change, new_where=other.here, clauses=shape.clauses)
        elif in_other and not in_one:
            words = f"property {name!r} was added"
            change = Change("property-added", Effect.NONE, words, (), (), (name,), one.here)
            clauses = self.new.shape(other.schemas_of(name)).clauses
            yield replace(change, new_where=place_other, clauses=clauses)
        mine, yours = one.schemas_of(name), other.schemas_of(name)
        if (in_one or mine) and (in_other or yours):
            for found in self.changes(mine, yours):
                yield found.below(step, step)

    def _additional(self, one: Shape, other: Shape) -> Iterator[Change]:
        mine, yours = one.additional, other.additional
        shut = [bool(s) and not shapes.shape(s).types for s, shapes in self._sides(mine, yours)]
        place_one, place_other = (
            one.place("additionalProperties"),
            other.place("additionalProperties"),
        )
        if shut[1] and not shut[0]:
            words, effect, kind = "other properties are refused now", Effect.NARROWER, "forbidden"
        elif shut[0] and not shut[1]:
            words, effect, kind = "other properties are let through now", Effect.WIDER, "allowed"
        else:
            step = ("additional", None)
            for found in self.changes(mine, yours):
                yield found.below(step, step)
            return
        kind = f"additional-properties-{kind}"
        yield Change(kind, effect, words, (), (), (), place_one, place_other)

    def _sides(self, mine: Schemas, yours: Schemas) -> list[tuple[Schemas, Shapes]]:
        return [(mine, self.old), (yours, self.new)]

    def _arrays(self, one: Shape, other: Shape) -> Iterator[Change]:
        longest = max(one.prefix_length, other.prefix_length)
        for index in range(longest):
            step: Step = ("item", index)
            for found in self.changes(one.schemas_at(index), other.schemas_at(index)):
                yield found.below(step, step)
        for found in self.changes(one.schemas_at(longest), other.schemas_at(longest)):
            yield found.below(("item", longest), ("item", longest))

    def _all_groups(self, one: Shape, other: Shape) -> Iterator[Change]:
        left, right = list(enumerate(one.groups)), list(enumerate(other.groups))
        for index, group in list(left):
            twin = next((each for each in right if not [*self._groups(group, each[1])]), None)
            if twin is not None:
                left.remove((index, group))
                right.remove(twin)
        for (_, group), (_, twin_group) in zip(left, right, strict=False):
            yield from self._groups(group, twin_group)
        for _, group in left[len(right) :]:
            kind, words = f"{_kebab(group.word)}-removed", f"an {group.word} was removed"
            yield Change(kind, Effect.WIDER, words, (), (), (), group.where, other.here)
        for _, group in right[len(left) :]:
            kind, words = f"{_kebab(group.word)}-added", f"an {group.word} was added"
            yield Change(kind, Effect.NARROWER, words, (), (), (), one.here, group.where)

    def _groups(self, one: Group, other: Group) -> Iterator[Change]:
        if one.word != other.word:
            kind, words = "any-of-one-of-changed", f"{one.word} became {other.word}"
            wider = other.word == "anyOf"
            effect = Effect.WIDER if wider else Effect.NARROWER
            yield Change(kind, effect, words, (), (), (), one.where, other.where)
        left = list(enumerate(one.branches))
        right = list(enumerate(other.branches))
        for index, branch in list(left):
            twin = next((each for each in right if self.same(branch, each[1])), None)
            if twin is not None:
                left.remove((index, branch))
                right.remove(twin)
        yield from self._leftover(one, other, left, right)

    def _leftover(
        self, one: Group, other: Group, left: list[Any], right: list[Any]
    ) -> Iterator[Change]:
        exclusive = one.word == other.word == "oneOf"
        for index, branch in list(left):
            twin = self._likeliest(branch, right, alone=len(left) == len(right) == 1)
            if twin is None:
                continue
            left.remove((index, branch))
            right.remove(twin)
            for found in self.changes(branch, twin[1]):
                found = replace(found, exclusive=exclusive or found.exclusive)  # noqa: PLW2901
                yield found.below(("branch", branch), ("branch", twin[1]))
        kind = _kebab(other.word)
        for index, branch in left:
            words = f"alternative {index + 1} of {one.word} was removed"
            place = self.old.shape(branch).here or one.where
            steps = (("branch", branch),)
            detail = (index,)
            found = Change(
                f"{kind}-branch-removed", Effect.NARROWER, words, (), steps, detail, place
            )
            yield replace(found, new_where=other.where, exclusive=exclusive)
        for index, branch in right:
            words = f"alternative {index + 1} was added to {other.word}"
            place = self.new.shape(branch).here or other.where
            steps = (("branch", branch),)
            found = Change(f"{kind}-branch-added", Effect.WIDER, words, steps, (), (index,))
            yield replace(found, old_where=one.where, new_where=place, exclusive=exclusive)

    def _likeliest(self, branch: Schemas, right: list[Any], *, alone: bool) -> Any:
        """Return the branch of the other side that has the same types and the most properties."""
        shape = self.old.shape(branch)
        names = set(shape.property_names)
        best, most = None, -1
        for each in right:
            twin = self.new.shape(each[1])
            common = len(names & set(twin.property_names))
            if twin.types == shape.types and (common > most) and (common or not names or alone):
                best, most = each, common
        return best

    def _conditions(self, left: list[Condition], right: list[Condition]) -> Iterator[Change]:
        left, right = list(left), list(right)
        for mine in list(left):
            twin = next((each for each in right if self.same(mine.test, each.test)), None)
            if twin is None:
                continue
            left.remove(mine)
            right.remove(twin)
            for word, old, new in (
                ("then", mine.then, twin.then),
                ("else", mine.otherwise, twin.otherwise),
            ):
                for found in self.changes(old, new):
                    yield found.below((word, mine), (word, twin))
        for mine, yours in zip(left, right, strict=False):
            words = "the test of an 'if' changed"
            where = (mine.where, yours.where)
            yield Change("condition-changed", Effect.BOTH, words, (), (), (), *where)
        for mine in left[len(right) :]:
            words = "an 'if' was removed"
            yield Change("condition-removed", Effect.WIDER, words, (), (), (), mine.where, None)
        for yours in right[len(left) :]:
            words = "an 'if' was added"
            yield Change("condition-added", Effect.NARROWER, words, (), (), (), None, yours.where)

    def _other(self, one: Shape, other: Shape) -> Iterator[Change]:
        for word in sorted(one.other.keys() | other.other.keys()):
            mine, yours = one.other.get(word), other.other.get(word)
            places = (one.place(word), other.place(word))
            if mine is None or yours is None:
                kind, effect = (
                    ("removed", Effect.WIDER) if yours is None else ("added", Effect.NARROWER)
                )
            elif self._equal(mine, yours):
                continue
            else:
                kind, effect = "changed", Effect.BOTH
            words = f"{word} was {kind}"
            yield Change(f"{_kebab(word)}-{kind}", effect, words, (), (), (), *places)

    def _equal(self, mine: Any, yours: Any) -> bool:
        if key_of(mine) == key_of(yours) and "$ref" not in key_of(mine):
            return True
        schema = (dict, bool)
        both = isinstance(mine, schema) and isinstance(yours, schema)
        return both and self.same((mine,), (yours,))


def _at(shape: Shape, name: str) -> Location | None:
    for node in shape.objects:
        if name in node["properties"]:
            properties = node["properties"]
            return Location(properties.file, properties.lines.get(name, properties.line))
    return shape.place("properties")


def _kebab(word: str) -> str:
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in word)


def _annotations(one: Shape, other: Shape) -> Iterator[Change]:
    if key_of(one.default) != key_of(other.default):
        words = f"default {one.default!r} became {other.default!r}"
        detail = (one.default, other.default)
        where = (one.place("default"), other.place("default"))
        yield Change("default-changed", Effect.NONE, words, (), (), detail, *where)
    if other.deprecated and not one.deprecated:
        where = (one.here, other.place("deprecated"))
        yield Change("deprecated", Effect.NONE, "it became deprecated", (), (), (), *where)


def _names(types: frozenset[str]) -> str:
    """Return types as a document writes them."""
    shown = sorted(types - NUMBER)
    if types & NUMBER:
        shown.append("number" if "fraction" in types else "integer")
    return ", ".join(shown) or "nothing"


def _types(one: Shape, other: Shape) -> Iterator[Change]:
    where = (one.place("type", "nullable"), other.place("type", "nullable"))
    gone, come = one.types - other.types, other.types - one.types
    if "null" in come and one.types:
        yield Change("became-nullable", Effect.WIDER, "null is let through now", (), (), (), *where)
    if "null" in gone and other.types:
        words = "null is refused now"
        yield Change("became-not-nullable", Effect.NARROWER, words, (), (), (), *where)
    gone, come = gone - {"null"}, come - {"null"}
    if gone or come:
        effect = Effect.BOTH if gone and come else Effect.NARROWER if gone else Effect.WIDER
        detail = (_names(one.types - {"null"}), _names(other.types - {"null"}))
        words = f"type {detail[0]} became {detail[1]}"
        yield Change("type-changed", effect, words, (), (), detail, *where)


def _enums(one: Shape, other: Shape) -> Iterator[Change]:
    where = (one.place("enum", "const"), other.place("enum", "const"))
    if one.enum is None:
        fit = all(type_of(value) in one.types for value in other.enum or ())
        words, detail = f"only {_list(other.enum)} is let through now", tuple(other.enum or ())
        effect = Effect.NARROWER if fit else Effect.BOTH
        yield Change("enum-added", effect, words, (), (), detail, *where)
        return
    if other.enum is None:
        fit = all(type_of(value) in other.types for value in one.enum)
        words, effect = "the list of values was removed", Effect.WIDER if fit else Effect.BOTH
        yield Change("enum-removed", effect, words, (), (), tuple(one.enum), *where)
        return
    mine, yours = {key_of(v): v for v in one.enum}, {key_of(v): v for v in other.enum}
    gone = [value for key, value in mine.items() if key not in yours]
    come = [value for key, value in yours.items() if key not in mine]
    if gone:
        words = f"the value {_list(gone)} was removed"
        yield Change("enum-value-removed", Effect.NARROWER, words, (), (), tuple(gone), *where)
    if come:
        words = f"the value {_list(come)} was added"
        yield Change("enum-value-added", Effect.WIDER, words, (), (), tuple(come), *where)


def _list(values: list[Any] | None) -> str:
    return ", ".join(key_of(value) for value in values or ())


def _bounds(one: Shape, other: Shape) -> Iterator[Change]:
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
    kind = {"Length": "string", "Items": "array", "Properties": "object"}
    return any(word.endswith(end) and each in common for end, each in kind.items())


def _multiple(mine: Any, yours: Any, where: tuple[Location | None, Location | None]) -> Change:
    effect = Effect.BOTH
    if yours % mine == 0:
        effect = Effect.NARROWER
    elif mine % yours == 0:
        effect = Effect.WIDER
    words = f"multipleOf {mine} became {yours}"
    return Change("multiple-of-changed", effect, words, (), (), (mine, yours), *where)


def _moved(
    word: str, mine: Any, yours: Any, *, where: tuple[Any, Any], lower: bool
) -> Iterator[Change]:
    if mine == yours:
        return
    kebab, detail = _kebab(word), (_shown(mine), _shown(yours))
    if mine is None:
        words = f"{word} {detail[1]} was added"
        yield Change(f"{kebab}-added", Effect.NARROWER, words, (), (), detail, *where)
    elif yours is None:
        words = f"{word} {detail[0]} was removed"
        yield Change(f"{kebab}-removed", Effect.WIDER, words, (), (), detail, *where)
    else:
        raised = _rank(yours, lower) > _rank(mine, lower)
        effect = Effect.NARROWER if raised == lower else Effect.WIDER
        words = f"{word} {detail[0]} became {detail[1]}"
        kind = f"{kebab}-{'raised' if raised else 'lowered'}"
        yield Change(kind, effect, words, (), (), detail, *where)


def _rank(bound: Any, lower: bool) -> Any:
    if isinstance(bound, tuple):
        return (bound[0], bound[1] if lower else not bound[1])
    return bound


def _shown(bound: Any) -> Any:
    if isinstance(bound, tuple):
        return f"{bound[0]} (exclusive)" if bound[1] else bound[0]
    return bound


def _texts(one: Shape, other: Shape) -> Iterator[Change]:
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
            yield Change(f"{word}-changed", effect, words, (), (), detail, *where)
        elif gone:
            words = f"{word} {' and '.join(gone)} was removed"
            yield Change(f"{word}-removed", Effect.WIDER, words, (), (), detail, *where)
        elif come:
            words = f"{word} {' and '.join(come)} was added"
            yield Change(f"{word}-added", Effect.NARROWER, words, (), (), detail, *where)


def _of_formats(gone: list[str], come: list[str]) -> Effect:
    known = {("int32", "int64"): Effect.WIDER, ("int64", "int32"): Effect.NARROWER}
    known |= {("float", "double"): Effect.WIDER, ("double", "float"): Effect.NARROWER}
    return known.get((gone[0], come[0]), Effect.BOTH)
