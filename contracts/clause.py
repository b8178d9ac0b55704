"""A clause: one statement about the API, and the check that a target keeps it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import TYPE_CHECKING

from duologue import openapi
from duologue.contracts.errors import UnknownClause

if TYPE_CHECKING:
    from duologue.contracts.context.context import CheckContext

Check = Callable[["CheckContext"], None]


class Basis(StrEnum):
    """Where a clause comes from."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement: ``source`` is the heading or reading, ``operations`` what it speaks of."""

    id: str
    statement: str
    source: str
    basis: Basis
    operations: tuple[str, ...]
    check: Check
    slow: bool = False
    heavy: bool = False


# The order in which clauses are listed: that of the page, then what the page leaves to readings.
SECTIONS = (
    "operations",
    "properties",
    "key-behaviors",
    "connections",
    "errors",
    "access",
    "marks",
    "listing",
    "document",
    "walk",
)
REGISTRY: dict[str, Clause] = {}
ALL_OPERATIONS = tuple(row.id for row in openapi.operations())


def clause(
    source: str,
    basis: Basis = Basis.DOCUMENTED,
    *,
    operations: Iterable[str] = ALL_OPERATIONS,
    slow: bool = False,
    heavy: bool = False,
) -> Callable[[Check], Check]:
    """Register a check as a clause: its name gives the id, its docstring the statement.

    ``slow`` ones wait on the wall clock (timestamps are whole seconds), or try many requests, so
    they start first. ``heavy`` ones are made of a hundred requests or more.
    """

    def register(check: Check) -> Check:
        section = check.__module__.rpartition(".")[2]
        name = f"{section}.{check.__name__}".replace("_", "-")
        REGISTRY[name] = Clause(
            name,
            cleandoc(check.__doc__ or ""),
            source,
            basis,
            tuple(operations),
            check,
            slow,
            heavy,
        )
        return check

    return register


def choose(names: Iterable[str]) -> list[Clause]:
    """Return the clauses that ``names`` (clause ids or operationIds) pick; all without names.

    Raises UnknownClause for a name that is neither.
    """
    wanted = list(names)
    in_order = sorted(REGISTRY.values(), key=lambda each: SECTIONS.index(each.id.partition(".")[0]))
    for name in wanted:
        if name not in REGISTRY and name not in ALL_OPERATIONS:
            known = [*REGISTRY, *ALL_OPERATIONS]
            raise UnknownClause(name, difflib.get_close_matches(name, known, n=3))
    return [
        each
        for each in in_order
        if not wanted or each.id in wanted or set(each.operations) & set(wanted)
    ]
