"""The faults that a drill runs: each clause has one, and each belongs to a clause."""

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import REGISTRY
from duologue.mockserver.faults import FAULTS
from duologue.mockserver.faults.absences import UNSEEN


def test_every_clause_has_a_fault():
    """A clause that no fault breaks may be a check that cannot fail."""
    with_fault = {fault.clause for fault in FAULTS.values()}

    assert set(REGISTRY) - with_fault == set()


def test_every_fault_names_a_clause():
    named = {name for fault in FAULTS.values() for name in (fault.clause, *fault.unseen)}

    assert named - set(REGISTRY) == set()


def test_every_unseen_list_belongs_to_a_fault():
    assert set(UNSEEN) <= set(FAULTS)
