"""The clauses of the suite and the places of the document name each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue import openapi
from duologue.contracts.clause import ALL_OPERATIONS, REGISTRY, Basis


def placed(node: Any) -> Iterator[str]:
    """Every clause id that a document names, wherever it stands."""
    if isinstance(node, dict):
        yield from node.get("x-clauses", [])
        for value in node.values():
            yield from placed(value)
    elif isinstance(node, list):
        for value in node:
            yield from placed(value)


def test_the_document_names_no_clause_that_is_not() -> None:
    """Each x-clauses entry is a clause of the suite."""
    assert set(placed(openapi.load())) <= set(REGISTRY)


def test_each_documented_clause_has_its_place_in_the_document() -> None:
    """What the page says stands in the document, where it says it."""
    documented = {each.id for each in REGISTRY.values() if each.basis is Basis.DOCUMENTED}

    assert documented <= set(placed(openapi.load()))


def test_each_operation_has_clauses() -> None:
    """All 15 operations are spoken of by a clause of their own."""
    own = {each.operations for each in REGISTRY.values() if len(each.operations) == 1}

    assert {name for (name,) in own} >= set(ALL_OPERATIONS)
