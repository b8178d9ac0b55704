"""The clauses that a worker runs under a fault."""

from duologue.contracts.clause import REGISTRY
from duologue.contracts.drill.worker import clauses_for
from support.drill_matrices import ONE


def test_a_clause_comes_first_under_its_own_fault():
    assert clauses_for("listing.page-size")[0].id == "listing.page-size"


def test_heavy_clauses_are_run_for_their_own_faults_alone():
    """Each takes as long as all the others together."""
    heavy = {name for name, clause in REGISTRY.items() if clause.heavy}
    chosen = {each.id for each in clauses_for("listing.default-page-size")}

    assert heavy & {each.id for each in clauses_for(ONE)} == set()
    assert heavy & chosen == {"listing.default-page-size"}
