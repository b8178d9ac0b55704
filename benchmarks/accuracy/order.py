"""The order in which clauses judge mutants: most of them are found by those that take little."""

from __future__ import annotations

from duologue.contracts.clause import Clause


def quick_first(clauses: list[Clause]) -> list[list[Clause]]:
    """Return the clauses that take little, and then the others."""
    parts: list[list[Clause]] = [[], []]
    for each in clauses:
        parts[each.slow or each.heavy].append(each)
    return parts
