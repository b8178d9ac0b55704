"""A value that one side may send and the other refuses."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from duologue.contracts.diff.schemas.change import SchemaChange
from duologue.contracts.diff.schemas.samples import ONE_OF_EACH, Samples
from duologue.contracts.diff.schemas.shape import Schemas
from duologue.contracts.diff.schemas.shapes import Shapes
from duologue.contracts.diff.schemas.validator import Validators

BUDGET = 600
"""How many values are tried for one difference; most show with one of the first ten."""
MOST_STEPS = 50
"""How deep in a value a difference may be for which a value is built."""
MOST_SEARCHES = 5
"""How often a value is looked for where one difference of a shared schema hits many operations."""


class DocumentSchemas:
    """One document's shapes, validators and samples."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.validators = Validators(shapes)
        self.samples = Samples(shapes, self.validators)

    def leaf(self, schemas: Schemas, steps: tuple[Any, ...]) -> Schemas:
        """Return the schemas at the end of the steps."""
        for word, name in steps:
            shape = self.shapes.shape(schemas)
            if word in ("branch", "then", "else"):
                schemas = self.samples.chosen(schemas, word, name)
            elif word == "item":
                schemas = shape.schemas_at(name)
            elif word == "property":
                schemas = shape.schemas_of(name)
            else:
                schemas = (
                    shape.additional if word == "additional" else shape.by_pattern.get(name, ())
                )
        return schemas


@dataclass(frozen=True, slots=True)
class WitnessSearch:
    """What a search gave: one value, or none; ``is_known``: not searched, since others show it."""

    values: tuple[Any, ...] = ()
    is_known: bool = False


class Witnesses:
    """Looks for witnesses between two documents."""

    def __init__(self, old: DocumentSchemas, new: DocumentSchemas) -> None:
        self.old, self.new = old, new
        self._found: Counter[tuple[Any, ...]] = Counter()
        self._failed: Counter[tuple[Any, ...]] = Counter()

    def search(
        self, old: Schemas, new: Schemas, change: SchemaChange, *, request: bool
    ) -> WitnessSearch:
        """Return a value that the sender may send and the receiver refuses, if one is found.

        A difference of a schema that many operations share is looked into for some of them alone.
        """
        key = (change.kind, change.words, change.old_where, change.new_where)
        if max(self._found[key], self._failed[key]) >= MOST_SEARCHES:
            return WitnessSearch(is_known=self._found[key] > 0)
        values = self._find(old, new, change, request=request)
        (self._found if values else self._failed)[key] += 1
        return WitnessSearch(values)

    def _find(
        self, old: Schemas, new: Schemas, change: SchemaChange, *, request: bool
    ) -> tuple[Any, ...]:
        if max(len(change.steps), len(change.old_steps)) > MOST_STEPS:
            return ()
        sender, receiver = (self.old, self.new) if request else (self.new, self.old)
        sent, taken = (old, new) if request else (new, old)
        for most in (1, None):  # deep in a value, a few objects at each step make hundreds
            candidates = self._candidates(old, new, change, request=request, most=most)
            for value in itertools.islice(candidates, BUDGET):
                is_sent = sender.validators.valid(sent, value)
                if is_sent and not receiver.validators.valid(taken, value):
                    return (value,)
        return ()

    def _candidates(
        self, old: Schemas, new: Schemas, change: SchemaChange, *, request: bool, most: int | None
    ) -> Iterator[Any]:
        one = self.old.samples.values(self.old.leaf(old, change.old_steps))
        other = self.new.samples.values(self.new.leaf(new, change.steps))
        extra = change.detail if change.kind.startswith("enum") else ()
        leaves = itertools.chain(extra, _taking_turns(one, other), ONE_OF_EACH)
        sender, sent = (self.old, old) if request else (self.new, new)
        steps = change.old_steps if request else change.steps
        if len(steps) < len(change.steps if not request else change.old_steps):
            return
        for leaf in leaves:
            yield from sender.samples.around(sent, steps, leaf, most=most)


def _taking_turns(one: Iterator[Any], other: Iterator[Any]) -> Iterator[Any]:
    missing = object()
    for pair in itertools.zip_longest(one, other, fillvalue=missing):
        yield from (value for value in pair if value is not missing)
