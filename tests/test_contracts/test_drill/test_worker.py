"""The clauses that a worker runs under a fault, and the cores that it uses."""

import os
import signal

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.drill import worker
from duologue.contracts.drill.driven_mock import FaultInfo, running
from duologue.contracts.drill.errors import DrillWorkerLost
from duologue.contracts.drill.worker import FaultRunner, Worker, clauses_for, share_of_cores
from duologue.contracts.errors import MockEnded
from support.documents.drill_matrices import ONE


def fault(clause: str, *, is_slow: bool = False) -> FaultInfo:
    return FaultInfo("any", clause, "", is_slow=is_slow)


def test_a_clause_comes_first_under_its_own_fault():
    assert clauses_for(fault("listing.page-size"))[0].id == "listing.page-size"


def test_heavy_clauses_are_run_for_their_own_faults_alone():
    """Each takes as long as all the others together."""
    heavy = {name for name, clause in REGISTRY.items() if clause.heavy}
    chosen = {each.id for each in clauses_for(fault("listing.default-page-size"))}

    assert heavy & {each.id for each in clauses_for(fault(ONE))} == set()
    assert heavy & chosen == {"listing.default-page-size"}


def test_a_slow_fault_is_run_with_its_own_clause_only():
    """It delays requests, which all other clauses would wait for."""
    chosen = clauses_for(fault("listing.page-size", is_slow=True))

    assert [each.id for each in chosen] == ["listing.page-size"]


@pytest.mark.parametrize(
    ("cores", "workers", "shares"),
    [
        ({0, 1}, 1, [{0, 1}]),
        ({0, 1}, 2, [{0}, {1}]),
        ({2, 3, 5, 7, 9}, 2, [{2, 5, 9}, {3, 7}]),
        ({4, 6}, 3, [{4}, {6}, {4}]),
    ],
)
def test_each_worker_has_cores_of_its_own_where_there_are_enough(cores, workers, shares):
    """Two mocks on one core would wait for each other while another core is idle."""
    found = [share_of_cores(cores, number, workers=workers) for number in range(workers)]

    assert found == shares


@pytest.mark.parametrize("when", ["before", "within"])
def test_the_end_of_a_workers_mock_is_no_outcome(when, started, monkeypatch):
    """A fault would be told as one that survives, or as one that all clauses find."""

    def kill(*_):
        started[0].kill()
        return clauses_for(fault("errors.guid-not-found", is_slow=True))

    with running() as mock:
        runner = FaultRunner(mock)
        mock.save_state()
        if when == "within":
            monkeypatch.setattr(worker, "clauses_for", kill)
        else:
            kill()

        with pytest.raises(MockEnded, match="was ended by SIGKILL"):
            runner.run(None)


def test_a_worker_that_is_killed_is_told_with_the_signal():
    lost = Worker()
    lost.wait()
    os.kill(lost._process.pid, signal.SIGKILL)

    with pytest.raises(DrillWorkerLost, match="a worker of the drill was ended by SIGKILL"):
        lost.run(None)
    lost.end()
