"""Discriminators: the property that says which alternative a value is, and its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import ReferenceUnresolved
from duologue.contracts.diff.located import LocatedDict, Location, location
from duologue.contracts.diff.schemas.change import Effect, SchemaChange
from duologue.contracts.diff.schemas.shape import Schemas, Shape

Same = Callable[[Schemas, Schemas], bool]
Places = tuple[Location | None, Location | None]


def compare_discriminators(
    one: Shape, other: Shape, documents: tuple[Document, Document], same: Same
) -> Iterator[SchemaChange]:
    """Yield the changes of two discriminators: no value is refused for them, but read otherwise."""
    mine, yours = one.discriminator, other.discriminator
    places = (one.place("discriminator"), other.place("discriminator"))
    if mine is None and yours is None:
        return
    if not isinstance(mine, LocatedDict) or not isinstance(yours, LocatedDict):
        verb = "added" if mine is None else "removed"
        yield _change(f"discriminator-{verb}", f"the discriminator was {verb}", (), places)
        return
    names = (mine.get("propertyName"), yours.get("propertyName"))
    if names[0] != names[1]:
        words = f"the discriminator is {names[1]!r}, not {names[0]!r}"
        yield _change("discriminator-property-changed", words, names, places)
    before, after = _values(one, documents[0]), _values(other, documents[1])
    yield from _compare_values(before, after, places=places, same=same)


def _compare_values(
    mine: dict[str, Schemas], yours: dict[str, Schemas], *, places: Places, same: Same
) -> Iterator[SchemaChange]:
    for name, target in mine.items():
        if name not in yours:
            words = f"the discriminator's value {name!r} was removed"
            yield _change("discriminator-value-removed", words, (name,), places)
        elif not same(target, yours[name]) and any(
            same(each, yours[name]) for key, each in mine.items() if key != name
        ):
            words = f"the discriminator's value {name!r} means another alternative"
            yield _change("discriminator-value-changed", words, (name,), places)
    for name in [each for each in yours if each not in mine]:
        words = f"the discriminator's value {name!r} was added"
        yield _change("discriminator-value-added", words, (name,), places)


def _change(kind: str, words: str, detail: tuple[Any, ...], places: Places) -> SchemaChange:
    return SchemaChange(kind, Effect.NONE, words, (), (), detail, *places)


def _values(shape: Shape, document: Document) -> dict[str, Schemas]:
    """Return value -> schema: of the mapping, and of alternatives by their components' names."""
    mapping = document.mapping(shape.discriminator, "mapping")
    found = {name: _target(mapping, name, document) for name in mapping}
    mapped = {id(each[0]) for each in found.values()}
    for group in shape.groups:
        for branch in group.branches:
            node = branch[0] if len(branch) == 1 else None
            if isinstance(node, LocatedDict) and isinstance(node.get("$ref"), str):
                target = document.target(node)
                if id(target) not in mapped:
                    found.setdefault(node["$ref"].rpartition("/")[2], (target,))
    return found


def _target(mapping: LocatedDict, name: str, document: Document) -> Schemas:
    """Return the schema that a value of a mapping names, by its component's name or a reference."""
    value = str(mapping[name])
    for reference in (f"#/components/schemas/{value}", value):
        place = location(mapping, name)
        node = LocatedDict(mapping.file, place.line if place else mapping.line)
        node["$ref"] = reference
        try:
            return (document.target(node),)
        except ReferenceUnresolved:
            continue
    raise ReferenceUnresolved(str(location(mapping, name)), value, why="where no schema stands")
