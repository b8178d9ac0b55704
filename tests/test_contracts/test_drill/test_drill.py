"""The faults that a drill runs: each clause has one, and each belongs to a clause."""

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import REGISTRY
from duologue.mockserver.faults import FAULTS


def test_every_clause_has_a_fault():
    """A clause that no fault breaks may be a check that cannot fail."""
    with_fault = {fault.clause for fault in FAULTS.values()}

    assert set(REGISTRY) - with_fault == set()


def test_every_fault_names_a_clause():
    assert {fault.clause for fault in FAULTS.values()} - set(REGISTRY) == set()
