"""The differences of two schemas by themselves, and the pairs of schemas below them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from duologue.contracts.diff.located import Location
from duologue.contracts.diff.schemas.change import Below, Effect, SchemaChange, Step, kebab
from duologue.contracts.diff.schemas.discriminators import compare_discriminators
from duologue.contracts.diff.schemas.keywords import (
    compare_annotations,
    compare_bounds,
    compare_enums,
    compare_texts,
    compare_types,
)
from duologue.contracts.diff.schemas.shape import (
    Alternatives,
    Condition,
    Schemas,
    Shape,
    key_of,
)
from duologue.contracts.diff.schemas.shapes import Shapes

Found = Iterator[SchemaChange | Below]
Test = Callable[[Schemas, Schemas], bool]


class PairRules:
    """Compares two schemas by themselves, and names the pairs below them.

    ``same`` tells whether two schemas let the same values through, ``differs`` whether there is any
    difference at all, both with all that is below.
    """

    def __init__(self, old: Shapes, new: Shapes, *, same: Test, differs: Test) -> None:
        self.old, self.new, self.same, self.differs = old, new, same, differs

    def compared(self, old: Schemas, new: Schemas) -> Found:
        """Yield the differences, and the pairs below that are still to be compared."""
        one, other = self.old.shape(old), self.new.shape(new)
        if len(one.groups) != len(other.groups):
            yield from self._alternatives(old, new)
        else:
            yield from self._plain(one, other)
        documents = (self.old.document, self.new.document)
        yield from compare_discriminators(one, other, documents, self.same)

    def _alternatives(self, old: Schemas, new: Schemas) -> Found:
        one, other = self.old.shape(old), self.new.shape(new)
        if len(one.groups) > 1 or len(other.groups) > 1:
            yield from self._plain(one, other)
            return
        word = (one.groups or other.groups)[0].word
        place_one = one.groups[0].where if one.groups else one.here
        place_other = other.groups[0].where if other.groups else other.here
        yield from self._groups(
            Alternatives(word, self.old.alternatives(old), place_one),
            Alternatives(word, self.new.alternatives(new), place_other),
        )

    def _plain(self, one: Shape, other: Shape) -> Found:
        yield from compare_annotations(one, other)
        if one.enum is not None or other.enum is not None:
            yield from compare_enums(one, other)
        else:
            yield from compare_types(one, other)
            yield from compare_bounds(one, other)
            yield from compare_texts(one, other)
        if "object" in one.types & other.types:
            yield from self._objects(one, other)
        if "array" in one.types & other.types:
            yield from self._arrays(one, other)
        yield from self._all_groups(one, other)
        yield from self._conditions(one.conditions, other.conditions)
        yield from self._other(one, other)

    def _objects(self, one: Shape, other: Shape) -> Found:
        for name in sorted(other.required - one.required):
            words, place = f"{name!r} became required", other.place("required")
            yield SchemaChange(
                "became-required", Effect.NARROWER, words, (), (), (name,), one.here, place
            )
        for name in sorted(one.required - other.required):
            words, place = f"{name!r} is no longer required", one.place("required")
            there = other.place("required")
            yield SchemaChange(
                "became-optional", Effect.WIDER, words, (), (), (name,), place, there
            )
        names = dict.fromkeys([*one.property_names, *other.property_names])
        for name in names:
            yield from self._property(one, other, name)
        yield from self._additional(one, other)
        mine, yours = one.by_pattern, other.by_pattern
        for pattern in dict.fromkeys([*mine, *yours]):
            step = ("pattern", pattern)
            yield Below(step, step, mine.get(pattern, ()), yours.get(pattern, ()))

    def _property(self, one: Shape, other: Shape, name: str) -> Found:
        in_one, in_other = name in one.property_names, name in other.property_names
        step, place_one, place_other = ("property", name), _at(one, name), _at(other, name)
        hidden = name in one.unsent | other.unsent
        if in_one and not in_other:
            words = f"property {name!r} " + (
                f"became {self.new.unsent}" if hidden else "was removed"
            )
            required = "required" if name in one.required else "optional"
            detail = (name, required)
            shape = self.old.shape(one.schemas_of(name))
            change = SchemaChange("property-removed", Effect.NONE, words, (), (), detail, place_one)
            yield replace(change, new_where=other.here, clauses=shape.clauses)
        elif in_other and not in_one:
            words = f"property {name!r} "
            words += f"is no longer {self.new.unsent}" if hidden else "was added"
            change = SchemaChange("property-added", Effect.NONE, words, (), (), (name,), one.here)
            clauses = self.new.shape(other.schemas_of(name)).clauses
            yield replace(change, new_where=place_other, clauses=clauses)
        mine, yours = one.schemas_of(name), other.schemas_of(name)
        if not hidden and (in_one or mine) and (in_other or yours):
            yield Below(step, step, mine, yours)

    def _additional(self, one: Shape, other: Shape) -> Found:
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
            yield Below(step, step, mine, yours)
            return
        kind = f"additional-properties-{kind}"
        yield SchemaChange(kind, effect, words, (), (), (), place_one, place_other)

    def _sides(self, mine: Schemas, yours: Schemas) -> list[tuple[Schemas, Shapes]]:
        return [(mine, self.old), (yours, self.new)]

    def _arrays(self, one: Shape, other: Shape) -> Found:
        longest = max(one.prefix_length, other.prefix_length)
        for index in range(longest):
            step: Step = ("item", index)
            yield Below(step, step, one.schemas_at(index), other.schemas_at(index))
        rest: Step = ("item", longest)
        yield Below(rest, rest, one.schemas_at(longest), other.schemas_at(longest))

    def _all_groups(self, one: Shape, other: Shape) -> Found:
        left, right = list(enumerate(one.groups)), list(enumerate(other.groups))
        for index, group in list(left):
            twin = next((each for each in right if self._is_still(group, each[1])), None)
            if twin is not None:
                left.remove((index, group))
                right.remove(twin)
        for (_, group), (_, twin_group) in zip(left, right, strict=False):
            yield from self._groups(group, twin_group)
        for _, group in left[len(right) :]:
            kind, words = f"{kebab(group.word)}-removed", f"an {group.word} was removed"
            yield SchemaChange(kind, Effect.WIDER, words, (), (), (), group.where, other.here)
        for _, group in right[len(left) :]:
            kind, words = f"{kebab(group.word)}-added", f"an {group.word} was added"
            yield SchemaChange(kind, Effect.NARROWER, words, (), (), (), one.here, group.where)

    def _is_still(self, one: Alternatives, other: Alternatives) -> bool:
        """Tell whether nothing of a group, or below it, changed."""
        return not any(
            isinstance(each, SchemaChange) or self.differs(each.old, each.new)
            for each in self._groups(one, other)
        )

    def _groups(self, one: Alternatives, other: Alternatives) -> Found:
        if one.word != other.word:
            kind, words = "any-of-one-of-changed", f"{one.word} became {other.word}"
            wider = other.word == "anyOf"
            effect = Effect.WIDER if wider else Effect.NARROWER
            yield SchemaChange(kind, effect, words, (), (), (), one.where, other.where)
        left = list(enumerate(one.branches))
        right = list(enumerate(other.branches))
        for index, branch in list(left):
            twin = next((each for each in right if self.same(branch, each[1])), None)
            if twin is not None:
                left.remove((index, branch))
                right.remove(twin)
        yield from self._leftover(one, other, left, right)

    def _leftover(
        self, one: Alternatives, other: Alternatives, left: list[Any], right: list[Any]
    ) -> Found:
        exclusive = one.word == other.word == "oneOf"
        for index, branch in list(left):
            twin = self._likeliest(branch, right, alone=len(left) == len(right) == 1)
            if twin is None:
                continue
            left.remove((index, branch))
            right.remove(twin)
            mine, yours = ("branch", branch), ("branch", twin[1])
            yield Below(mine, yours, branch, twin[1], exclusive)
        kind = kebab(other.word)
        for index, branch in left:
            words = f"alternative {index + 1} of {one.word} was removed"
            place = self.old.shape(branch).here or one.where
            steps = (("branch", branch),)
            detail = (index,)
            found = SchemaChange(
                f"{kind}-branch-removed", Effect.NARROWER, words, (), steps, detail, place
            )
            yield replace(found, new_where=other.where, exclusive=exclusive)
        for index, branch in right:
            words = f"alternative {index + 1} was added to {other.word}"
            place = self.new.shape(branch).here or other.where
            steps = (("branch", branch),)
            found = SchemaChange(f"{kind}-branch-added", Effect.WIDER, words, steps, (), (index,))
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

    def _conditions(self, left: list[Condition], right: list[Condition]) -> Found:
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
                yield Below((word, mine), (word, twin), old, new)
        for mine, yours in zip(left, right, strict=False):
            words = "the test of an 'if' changed"
            where = (mine.where, yours.where)
            yield SchemaChange("condition-changed", Effect.BOTH, words, (), (), (), *where)
        for mine in left[len(right) :]:
            words = "an 'if' was removed"
            yield SchemaChange(
                "condition-removed", Effect.WIDER, words, (), (), (), mine.where, None
            )
        for yours in right[len(left) :]:
            words = "an 'if' was added"
            yield SchemaChange(
                "condition-added", Effect.NARROWER, words, (), (), (), None, yours.where
            )

    def _other(self, one: Shape, other: Shape) -> Found:
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
            yield SchemaChange(f"{kebab(word)}-{kind}", effect, words, (), (), (), *places)

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
