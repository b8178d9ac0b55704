"""The clauses: registered under their names, and chosen by them."""

import re

import pytest

from duologue import openapi
from duologue.contracts.clause import ALL_OPERATIONS, REGISTRY, SECTIONS, choose
from duologue.contracts.errors import UnknownClause


def test_all_clauses_are_chosen_where_none_is_named():
    """In the order of the page, room by room."""
    chosen = choose(())
    rooms = [each.id.partition(".")[0] for each in chosen]

    assert {each.id for each in chosen} == set(REGISTRY)
    assert rooms == sorted(rooms, key=SECTIONS.index)


def test_an_operation_chooses_the_clauses_that_speak_of_it():
    """And a clause id itself alone."""
    chosen = {each.id for each in choose(["deleteConversation"])}

    assert {"operations.delete-conversation", "marks.delete-is-the-callers-alone"} <= chosen
    assert not any(name.startswith("listing.") for name in chosen)
    assert [each.id for each in choose(["errors.envelope"])] == ["errors.envelope"]


def test_names_are_chosen_together_and_once():
    """In the page's order, whatever the order they are named in."""
    names = ["errors.envelope", "operations.get-conversation", "errors.envelope"]

    assert [each.id for each in choose(names)] == names[1::-1]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("errors.uid-not-fund", "errors.uid-not-found"),
        ("getConversatoin", "getConversation"),
        ("listing", "did you mean listing.*?"),
        ("delete-is-the-callers-alone", "did you mean marks.delete-is-the-callers-alone"),
        ("qqqq", "contracts list"),
    ],
)
def test_what_is_neither_is_told_with_what_is_near(name, near):
    with pytest.raises(UnknownClause, match=re.escape(near)):
        choose([name])


@pytest.mark.parametrize("clause", REGISTRY.values(), ids=lambda clause: clause.id)
def test_a_clause_says_what_it_judges(clause):
    """A statement that ends, a source, operations that there are."""
    first = clause.statement.splitlines()[0]

    assert first[:1].isalnum()
    assert clause.statement.rstrip().endswith(".")
    assert clause.source
    assert set(clause.operations) <= set(ALL_OPERATIONS)
    assert clause.operations
    assert callable(clause.check)


def test_every_operation_has_a_clause_of_its_own():
    """15 rows of the page's table, 15 clauses."""
    own = [each.operations for each in choose(()) if each.id.startswith("operations.")]

    assert sorted(own) == sorted((row.id,) for row in openapi.operations())
