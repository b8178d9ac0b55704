"""What changed from one result to another."""

import pytest

from duologue.contracts.compare.comparison import compare_results
from duologue.contracts.run.origin import Origin


def changes(comparison):
    """Return (change, clause) of each entry."""
    return [(each.change.value, each.clause) for each in comparison.entries]


@pytest.mark.parametrize(
    ("before", "after", "change", "fails"),
    [
        ("held", ["one"], "newly_broken", True),
        ("not_reached", ["one"], "newly_broken", True),
        ("not_staged", ["one"], "newly_broken", True),
        ("held", "not_reached", "newly_not_reached", True),
        (["one"], "not_reached", "still_not_reached", False),
        ("held", "error", "newly_not_reached", True),
        (["one"], ["one"], "still_broken", False),
        ("not_reached", "not_reached", "still_not_reached", False),
        ("error", "not_reached", "still_not_reached", False),
        (["one"], "held", "repaired", False),
        ("not_reached", "held", "repaired", False),
        ("accepted", "held", "repaired", False),
        ("held", "accepted", "accepted", False),
        (["one"], "accepted", "accepted", False),
        ("held", "not_staged", "no_longer_staged", False),
    ],
)
def test_a_change_of_a_verdict(results, before, after, change, fails):
    comparison = compare_results(results({"errors.a": before}), results({"errors.a": after}))

    assert changes(comparison) == [(change, "errors.a")]
    assert comparison.fails is fails


@pytest.mark.parametrize("verdict", ["held", "not_staged"])
def test_what_stays_as_it_should_be_is_no_change(results, verdict):
    document = results({"errors.a": verdict})

    comparison = compare_results(document, document)

    assert not comparison.entries
    assert not comparison.fails


def test_a_clause_that_breaks_in_a_new_way_is_newly_broken(results):
    """The old way is told apart from the new one."""
    base, head = results({"errors.a": ["one"]}), results({"errors.a": ["one", "two"]})

    comparison = compare_results(base, head)

    assert changes(comparison) == [("newly_broken", "errors.a"), ("still_broken", "errors.a")]
    titles = [[finding["title"] for finding in each.findings] for each in comparison.entries]
    assert titles == [["two"], ["one"]]
    assert comparison.fails


def test_a_break_that_is_accepted_no_longer_is_not_new(results):
    """The day of its acceptance is over: the run says so, the server has not changed."""
    base = results({"errors.a": ["one"]})
    base["clauses"][0]["verdict"] = "accepted"

    comparison = compare_results(base, results({"errors.a": ["one"]}))

    assert changes(comparison) == [("still_broken", "errors.a")]


def test_clauses_that_are_new_or_gone_are_told(results):
    """A new one that is broken fails, too: nobody has seen it before."""
    base, head = (
        results({"errors.a": "held", "errors.b": "held"}),
        results({"errors.a": "held", "errors.c": "held", "errors.d": ["one"]}),
    )

    comparison = compare_results(base, head)

    assert changes(comparison) == [
        ("newly_broken", "errors.d"),
        ("new_clause", "errors.c"),
        ("new_clause", "errors.d"),
        ("gone_clause", "errors.b"),
    ]
    assert comparison.fails


def test_an_operation_that_is_no_longer_answered_fails(results):
    base = results({"errors.a": "held"}, unreached_operations=("getConversation",))
    head = results(
        {"errors.a": "held"}, unreached_operations=("getConversation", "listConversations")
    )

    comparison = compare_results(base, head)

    assert comparison.unreached_operations == ("listConversations",)
    assert comparison.fails


def test_what_else_may_have_changed_a_verdict_is_told(results):
    """How many clauses ran side by side is not among it."""
    other = Origin("1.2.4", "1" * 64, "beef", {"exclude": ["walk.*"], "workers": 16})
    clauses = {"errors.a": "held"}

    comparison = compare_results(results(clauses), results(clauses, origin=other))

    assert comparison.differences == (
        "suite version: 1.2.3 -> 1.2.4",
        "document: 000000000000 -> 111111111111",
        "option exclude: not told -> walk.*",
        "option only: errors.* -> not told",
    )
    assert not comparison.fails
