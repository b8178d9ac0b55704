"""The matrix: what a drill has to show to pass."""

from dataclasses import replace

import pytest

from support.documents.drill_matrices import ONE, THREE, TWO, matrix_all_killed, matrix_of


def test_all_killed():
    found = matrix_all_killed()

    assert found.survivors == ()
    assert found.exit_code == 0


@pytest.mark.parametrize("verdict", ["not_reached", "not_staged"])
def test_only_a_break_kills(verdict):
    """A clause that is not reached shows nothing."""
    found = matrix_of({"first": {ONE: verdict}, "second": {TWO: "broken"}})

    assert [fault.name for fault in found.survivors] == ["first"]
    assert found.exit_code == 1


def test_a_fault_found_by_another_clause_survives():
    found = matrix_of({"first": {THREE: "broken"}, "second": {TWO: "broken"}}, max_collateral=1)

    assert [fault.name for fault in found.survivors] == ["first"]
    assert found.exit_code == 1


@pytest.mark.parametrize(("allowed", "code"), [(1, 1), (2, 0)])
def test_collateral_failures_are_allowed_up_to_a_limit(allowed, code):
    """A clause that breaks under every fault does not tell which fault is there."""
    found = matrix_of(
        {
            "first": {ONE: "broken", THREE: "broken"},
            "second": {TWO: "broken", THREE: "broken", ONE: "not_reached"},
        },
        max_collateral=allowed,
    )

    assert found.collateral == {ONE: (), TWO: (), THREE: ("first", "second")}
    assert found.collateral_over_limit == ((THREE,) if code else ())
    assert found.exit_code == code


def test_a_clause_that_does_not_hold_without_a_fault():
    found = matrix_all_killed(healthy={THREE: "not_reached"})

    assert found.false_alarms == (THREE,)
    assert found.exit_code == 1


def test_a_clause_without_a_fault():
    """It is only known if all faults were run."""
    assert matrix_all_killed(complete=True).clauses_without_fault == (THREE,)
    assert matrix_all_killed(complete=True).exit_code == 1
    assert matrix_all_killed(complete=False).clauses_without_fault == ()


def test_a_fault_of_an_unknown_clause():
    found = matrix_of({"first": {}, "second": {TWO: "broken"}}, of=("errors.no-such", TWO))

    assert found.faults_without_clause == ("first",)
    assert found.exit_code == 1


def test_a_clause_held_under_a_fault_that_hides_its_subject_is_told():
    """Held means seen: broken, not reached and not staged are all right, held is not."""
    matrix = matrix_of({"first": {ONE: "broken"}})
    first, *rest = matrix.faults
    matrix = replace(matrix, faults=(replace(first, unseen=(ONE, TWO)), *rest))

    assert matrix.held_unseen == (f"{TWO} under first",)
    assert matrix.exit_code == 1
