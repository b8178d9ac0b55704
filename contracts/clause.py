"""A clause: one statement about the API, and the check that a target keeps it."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import TYPE_CHECKING

from duologue import openapi
from duologue.contracts.errors import StatementsRemoved, UnknownClause
from duologue.contracts.http.client import deprecated_operations

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
    "counts",
    "key-behaviors",
    "connections",
    "errors",
    "access",
    "marks",
    "requests",
    "listing",
    "consistency",
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
    they start first. ``heavy`` ones are made of a hundred requests or more, or compare what clauses
    of their own judge one by one; a drill plays them for their own faults only.
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


def choose(
    names: Iterable[str],
    *,
    exclude: Iterable[str] = (),
    bases: Iterable[str] = (),
    deprecated: bool = True,
) -> list[Clause]:
    """Return the clauses that ``names`` pick (clause ids, operationIds, globs); all without names.

    Without those that ``exclude`` picks, those of other ``bases`` where some are given, and those
    that speak of deprecated operations alone where ``deprecated`` is False. Raises UnknownClause
    for a name that picks nothing, StatementsRemoved where Python keeps no docstrings.
    """
    if choose.__doc__ is None:
        raise StatementsRemoved
    wanted, unwanted, wanted_bases = list(names), list(exclude), set(bases)
    in_order = sorted(REGISTRY.values(), key=lambda each: SECTIONS.index(each.id.partition(".")[0]))
    for name in (*wanted, *unwanted):
        if not any(_is_named(each, name) for each in in_order):
            known = [*(f"{section}.*" for section in SECTIONS), *REGISTRY, *ALL_OPERATIONS]
            raise UnknownClause(name, difflib.get_close_matches(name, known, n=3))
    return [
        each
        for each in in_order
        if (not wanted or any(_is_named(each, name) for name in wanted))
        and not any(_is_named(each, name) for name in unwanted)
        and (not wanted_bases or each.basis.value in wanted_bases)
        and (deprecated or not set(each.operations) <= deprecated_operations())
    ]


def _is_named(clause: Clause, name: str) -> bool:
    """Return whether a name or glob is that of the clause, or of an operation that it speaks of."""
    return any(fnmatch.fnmatchcase(each, name) for each in (clause.id, *clause.operations))
