"""The differences of two schemas and of all below them, each with its places in a value.

Pairs of schemas are the nodes of a graph, since schemas refer to each other and to themselves. Each
pair is compared by itself once; what is below it is reached step by step, the nearest first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from duologue.contracts.diff.schemas.change import Below, Effect, SchemaChange, Step
from duologue.contracts.diff.schemas.pair_rules import PairRules
from duologue.contracts.diff.schemas.shape import Schemas
from duologue.contracts.diff.schemas.shapes import Shapes

MOST_REPEATS = 300
"""How often pairs are shown at further places of one schema; each is shown at its nearest one."""

Key = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Two schemas compared by themselves; ``schemas`` keeps them alive, since keys are ids."""

    schemas: tuple[Schemas, Schemas]
    own: tuple[SchemaChange, ...]
    below: tuple[tuple[Key, Below], ...]
    clauses: tuple[str, ...]


@dataclass(slots=True)
class PairPlace:
    """A pair at its place: ``below`` leads to it from the pair ``around``, None for the whole."""

    key: Key
    around: PairPlace | None = None
    below: Below | None = None
    clauses: tuple[str, ...] = ()
    exclusive: bool = False

    def is_within(self, key: Key) -> bool:
        """Tell whether the pair of this key is around the place."""
        return any(each.key == key for each in self._outwards())

    def steps(self) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """Return the steps that lead here in the old schema, and those in the new."""
        taken = [each.below for each in self._outwards() if each.below is not None][::-1]
        return tuple(each.old_step for each in taken), tuple(each.step for each in taken)

    def _outwards(self) -> Iterator[PairPlace]:
        at: PairPlace | None = self
        while at is not None:
            yield at
            at = at.around


class SchemaComparison:
    """Compares schemas of two documents; each pair is compared once."""

    def __init__(self, old: Shapes, new: Shapes) -> None:
        self.old, self.new = old, new
        self._rules = PairRules(old, new, same=self.same, differs=self.differs)
        self._pairs: dict[Key, ComparedPair | None] = {}
        self._changed: dict[Key, frozenset[Key]] = {}
        self._kept: dict[Key, list[SchemaChange]] = {}
        self._leading: dict[Key, list[tuple[Key, Below]]] = {}

    @property
    def pairs_compared(self) -> int:
        """Return how many pairs of schemas were compared by themselves."""
        return len(self._pairs)

    def changes(self, old: Schemas, new: Schemas) -> list[SchemaChange]:
        """Return the differences of two schemas and of what is below them."""
        key = self._key(old, new)
        if key not in self._kept:
            changed = self._below(key, old, new)
            self._kept[key] = [*self._all(key, changed)] if changed else []
        return self._kept[key]

    def same(self, old: Schemas, new: Schemas) -> bool:
        """Tell whether both let the same values through, as far as their form tells."""
        return all(
            change.effect is Effect.NONE
            for key in self._below(self._key(old, new), old, new)
            for change in self._own(key)
        )

    def differs(self, old: Schemas, new: Schemas) -> bool:
        """Tell whether there is any difference, one that refuses no value included."""
        return bool(self._below(self._key(old, new), old, new))

    def _key(self, old: Schemas, new: Schemas) -> Key:
        return self.old.key(old), self.new.key(new)

    def _pair(self, key: Key, old: Schemas, new: Schemas) -> ComparedPair | None:
        """Return a compared pair; None for one that is being compared, which adds nothing."""
        if key not in self._pairs:
            self._pairs[key] = None
            found = [*self._rules.compared(old, new)]
            self._pairs[key] = ComparedPair(
                (old, new),
                tuple(each for each in found if isinstance(each, SchemaChange)),
                tuple((self._key(e.old, e.new), e) for e in found if isinstance(e, Below)),
                self.new.shape(new).clauses or self.old.shape(old).clauses,
            )
        return self._pairs[key]

    def _own(self, key: Key) -> tuple[SchemaChange, ...]:
        pair = self._pairs[key]
        return pair.own if pair is not None else ()

    def _below(self, key: Key, old: Schemas, new: Schemas) -> frozenset[Key]:
        """Return the pairs with differences of their own: of a pair and all that are below it."""
        if key in self._changed:
            return self._changed[key]
        graph, is_whole = self._graph(key, old, new)
        around: dict[Key, list[Key]] = {}
        for each, pair in graph.items():
            for inner, _ in pair.below:
                around.setdefault(inner, []).append(each)
        found = {each: {each} if pair.own else set() for each, pair in graph.items()}
        found |= {each: set(self._changed[each]) for each in around if each in self._changed}
        waiting = deque(each for each, keys in found.items() if keys)
        while waiting:
            inner = waiting.popleft()
            for each in around.get(inner, ()):
                if not found[inner] <= found[each]:
                    found[each] |= found[inner]
                    waiting.append(each)
        if is_whole:
            self._changed |= {each: frozenset(keys) for each, keys in found.items()}
        return frozenset(found.get(key, ()))

    def _graph(self, key: Key, old: Schemas, new: Schemas) -> tuple[dict[Key, ComparedPair], bool]:
        """Return the pairs below one that are not settled, and whether all of them are compared."""
        graph: dict[Key, ComparedPair] = {}
        waiting, met, is_whole = [(key, old, new)], {key}, True
        while waiting:
            at, one, other = waiting.pop()
            pair = self._pair(at, one, other)
            if pair is None:
                is_whole = False
                continue
            graph[at] = pair
            for inner, each in pair.below:
                if inner not in met and inner not in self._changed:
                    met.add(inner)
                    waiting.append((inner, each.old, each.new))
        return graph, is_whole

    def _all(self, key: Key, changed: frozenset[Key]) -> Iterator[SchemaChange]:
        """Yield the differences at their places, the nearest first."""
        queue, met, hidden, repeats = deque([PairPlace(key)]), {key}, set(changed), 0
        while queue and (hidden or repeats <= MOST_REPEATS):
            at = queue.popleft()
            pair = self._pairs[at.key]
            if pair is None:
                continue
            hidden.discard(at.key)
            at.clauses = pair.clauses or at.clauses
            if pair.own:
                yield from _placed(pair.own, at)
            for inner, each in self._changed_below(at.key, pair):
                is_repeat = inner in met
                repeats += is_repeat
                if not is_repeat or (repeats <= MOST_REPEATS and not at.is_within(inner)):
                    met.add(inner)
                    exclusive = at.exclusive or each.exclusive
                    queue.append(PairPlace(inner, at, each, at.clauses, exclusive))

    def _changed_below(self, key: Key, pair: ComparedPair) -> Sequence[tuple[Key, Below]]:
        """Return what is below a pair and has differences, or has not been settled yet."""
        if key not in self._leading:
            found = [each for each in pair.below if self._changed.get(each[0], True)]
            if any(inner not in self._changed for inner, _ in found):
                return found
            self._leading[key] = found
        return self._leading[key]


def _placed(changes: Iterable[SchemaChange], at: PairPlace) -> Iterator[SchemaChange]:
    old_steps, steps = at.steps()
    for change in changes:
        yield replace(
            change,
            old_steps=(*old_steps, *change.old_steps),
            steps=(*steps, *change.steps),
            clauses=change.clauses or at.clauses,
            exclusive=change.exclusive or at.exclusive,
        )
