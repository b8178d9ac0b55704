"""The suite on a server that shares no code with the mock."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from duologue.contracts.clause import ALL_OPERATIONS, choose
from duologue.contracts.context.budget import Budget
from duologue.contracts.http.target import Target
from duologue.contracts.session import Session
from support.fakes import GENERATED, Direct, by_hand, session_on
from support.independent.app import Registry
from support.populated import populated, state


def verdicts(outcome):
    return {result.clause.id: result.verdict.value for result in outcome.results}


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict != "held"
    }


def test_every_clause_holds(judge, town):
    """A server of another make that follows the readings keeps all clauses."""
    outcome = judge(town())

    assert not_held(outcome) == {}
    assert len(outcome.results) > 80
    assert outcome.exit_code == 0


def test_every_operation_is_answered(judge, town):
    """Each of the 15 is answered 2xx at least once."""
    outcome = judge(town())

    assert outcome.unreached_operations == ()
    assert {name for name, by in outcome.operations.items() if by.get(200)} == set(ALL_OPERATIONS)


def test_nothing_is_left_behind(judge, town):
    """The server's state after a run is what it was before."""
    registry = populated(town())
    before = state(registry)
    outcome = judge(registry)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()
    assert state(registry) == before


def test_a_second_run_finds_the_same(judge, town):
    """A run does not stand in the way of the next."""
    registry = populated(town())

    assert verdicts(judge(registry)) == verdicts(judge(registry))


def test_the_seed_does_not_matter(judge, town):
    """Ten seeds, one server, the same verdicts."""
    registry = town()

    found = [verdicts(judge(registry, seed=seed)) for seed in range(10)]

    assert all(verdict == found[0] for verdict in found)
    assert set(found[0].values()) == {"held"}


@pytest.mark.parametrize("late_s", [0.02, 0.5, 3.0])
def test_late_writes_ring_no_alarm(judge, town, late_s):
    """What shows later than it was written is waited for, and then judged (readings T12)."""
    registry = populated(town(late_s=late_s))
    before = state(registry)
    outcome = judge(registry)

    assert not_held(outcome) == {}
    assert state(registry) == before


def test_group_actions_ring_no_alarm(judge, town):
    """Joining may leave a trace in the conversation that counts as unread (readings B3)."""
    registry = town(actions=True)

    assert not_held(judge(registry)) == {}


def test_what_is_generated_holds_too(town, clock):
    """The engine and the walk find nothing either, and leave nothing behind."""
    registry = populated(town())
    before = state(registry)
    session = session_on(registry, clock, budget=Budget(max_examples=1, phases=("examples",)))
    clauses = [each for each in choose(()) if each.id.partition(".")[0] in GENERATED]
    outcome = session.run(clauses)

    assert not_held(outcome) == {}
    assert outcome.results
    assert state(registry) == before


def test_a_server_that_repeats_keys_gets_none_into_the_report(town, clock):
    """Whatever a broken server echoes, findings and reasons are without the key."""

    def echo(self, asked):
        if asked.route.partition("/v3/")[2].partition("/")[0] != "conversations":
            return Registry.answer(self, asked)
        return 404, {"error": {"code": "ERR_" + asked.headers.get("apikey", ""), "message": "x"}}

    key = "a-very-secret-key"
    target = Target("http://direct/v3", key, auth_only_key="k2", settle_s=0)
    session = Session(target, "t", workers=1, sleep=clock.sleep, now=clock)
    registry = town(departures={"answer": echo, "check_key": lambda self, key: None})
    session.transport = Direct(registry, sleep=clock.sleep)
    outcome = session.run(by_hand())

    assert outcome.exit_code == 1
    assert outcome.summary["broken"] and outcome.summary["not_reached"]
    assert key not in json.dumps(outcome.as_dict())


def test_the_server_runs_by_itself():
    """As a script it prints one line with its address, and answers there."""
    tests = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "support.independent.server", "--port", "0", "--late", "0.1"],
        cwd=tests,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/users", headers={"apikey": "k"}), timeout=5
        ) as answer:
            assert json.load(answer)["data"] == []
    finally:
        process.terminate()
        process.communicate()
