"""The state machine: correct servers hold, defects are found with few steps."""

import itertools

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.run.results import Verdict
from duologue.contracts.run.runner import judge
from duologue.contracts.stateful.machine import (
    ARGUMENTS,
    STEPS_PER_SEQUENCE,
    ConversationMachine,
    MachineRuns,
    machine_class,
)
from duologue.contracts.stateful.steps import StepRunner
from support.fakes import Direct, session_on
from support.independent.app import Registry
from support.tolerant_servers import FREEDOMS

CLAUSE = REGISTRY["walk.state-follows-a-model"]


def run_clause(registry, clock, *, seed=42, runs=8, transport=None, max_time_s=600.0):
    """Run the clause on a server; return its verdict, reason and findings."""
    session = session_on(registry, clock, budget=Budget(seed, runs, max_time_s))
    session.transport = transport or session.transport
    with session.opened() as context:
        judged = judge(CLAUSE, context)
    return judged.verdict, judged.why, context.findings.own


def test_the_class_for_hypothesis_has_what_it_reads(town, clock):
    """Hypothesis instantiates the class without arguments: runs and seed have to be on it."""
    with session_on(town(), clock, budget=Budget(seed=7)).opened() as context:
        runs = MachineRuns(context)
        bound = machine_class(runs)

    missing = [name for name in ConversationMachine.__annotations__ if not hasattr(bound, name)]
    assert missing == []
    assert bound.runs is runs
    assert bound._hypothesis_internal_use_seed == 7
    assert not hasattr(ConversationMachine, "_hypothesis_internal_use_seed")


def test_a_class_without_runs_cannot_be_used():
    """The check above would find a missing attribute: the class has no default."""
    assert set(ConversationMachine.__annotations__) == {"runs"}
    assert not hasattr(ConversationMachine, "runs")


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_correct_server_holds(town, clock, seed):
    """A server that follows the readings matches the model, and no test data is left."""
    registry = town()

    assert run_clause(registry, clock, seed=seed) == (Verdict.HELD, "", [])
    assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])


@pytest.mark.parametrize("options", [{"late_s": 0.5}, {"late_s": 3.0}, {"actions": True}])
def test_a_server_with_lag_or_join_messages_holds(town, clock, options):
    """Late writes are polled for; messages about joining count in the baseline."""
    assert run_clause(town(**options), clock, runs=4) == (Verdict.HELD, "", [])


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_tolerance_gives_no_finding(town, clock, name):
    assert run_clause(town(departures=FREEDOMS[name]), clock, runs=5) == (Verdict.HELD, "", [])


def no_effect(name, kind="user"):
    """Return an operation that changes nothing for one kind of conversation."""

    def skip(self, key, *rest):
        if key[1] != kind:
            getattr(Registry, name)(self, key, *rest)

    return {name: skip}


def on_all_mine(name):
    """Return an operation that affects all conversations of the caller."""

    def spread(self, key, *rest):
        for mine in self.threads(key[0]):
            getattr(Registry, name)(self, mine, *rest)

    return {name: spread}


def stops_at_four(self, key, letters):
    return min(Registry.count(self, key, letters), 4)


DEPARTURES = {
    "reset does nothing": (no_effect("reset"), "resets (user)"),
    "reset does all": (on_all_mine("reset"), "resets"),
    "tags are not kept": (no_effect("label", "group"), "sets the tags"),
    "delete does nothing": (no_effect("cut_off"), "deletes the conversation"),
    "unread does nothing": (no_effect("unmark"), "marks as unread"),
}


@pytest.mark.parametrize("name", DEPARTURES)
def test_a_defect_is_reported_with_few_steps(town, clock, name):
    """The finding names the steps that are needed, and the calls to repeat them."""
    departures, step = DEPARTURES[name]
    verdict, _, (finding,) = run_clause(town(departures=departures), clock, runs=20)
    steps = finding.title.partition(", after: ")[2].split("; ")

    assert verdict is Verdict.BROKEN
    assert step in finding.title
    assert len(steps) <= 2
    assert all(call.startswith("curl ") for call in finding.calls)
    assert finding.calls


def test_the_same_seed_takes_the_same_steps(town, clock, monkeypatch):
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step))
    drawn = []
    for seed in (1, 1, 2):
        taken.clear()
        run_clause(town(), clock, seed=seed, runs=3)
        drawn.append(list(taken))

    assert drawn[0] == drawn[1] != drawn[2]


def test_every_step_is_taken(town, clock, monkeypatch):
    """Twenty sequences use every kind of step."""
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step.name))
    run_clause(town(), clock, runs=20)

    assert set(taken) == set(ARGUMENTS)
    assert len(taken) >= 20 * STEPS_PER_SEQUENCE


def test_a_failure_that_does_not_repeat_is_not_reached(town, clock):
    """A single failure is reported, but breaks no clause."""
    glitch = itertools.chain(itertools.repeat(False, 300), [True], itertools.repeat(False))

    def flicker(self, key, letters, **wants):
        shown = Registry.conversation(self, key, letters, **wants)
        return {**shown, "unreadMessageCount": 77} if next(glitch) else shown

    registry = town(departures={"conversation": flicker})
    session = session_on(registry, clock, settle_s=0.0, budget=Budget(42, 20))
    with session.opened() as context:
        judged = judge(CLAUSE, context)

    assert judged.verdict is Verdict.NOT_REACHED
    assert judged.why.startswith("a sequence of steps failed once and not when repeated")


class FailingTransport(Direct):
    """A transport that raises from the given request on, except for DELETE."""

    def __init__(self, registry, *, at, cause, **options):
        super().__init__(registry, **options)
        self.left, self.cause = at, cause

    def _once(self, method, url, *, headers, content):
        self.left -= 1
        if self.left < 0 and method != "DELETE":
            raise self.cause
        return super()._once(method, url, headers=headers, content=content)


def test_a_target_that_stops_answering_is_not_reached(town, clock):
    """The reason is that of the request without an answer."""
    registry = town()
    transport = FailingTransport(
        registry, at=100, cause=NotReached("the line is dead"), sleep=clock.sleep
    )
    verdict, why, findings = run_clause(registry, clock, transport=transport)

    assert (verdict, findings) == (Verdict.NOT_REACHED, [])
    assert "the line is dead" in why


def test_an_interruption_ends_the_run(town, clock):
    """Ctrl-C is raised at once and not treated as a failed sequence."""
    registry = town()
    transport = FailingTransport(registry, at=100, cause=Interrupted(), sleep=clock.sleep)

    with pytest.raises(Interrupted):
        run_clause(registry, clock, transport=transport)


def test_a_slow_target_gets_fewer_sequences(town, clock):
    """The sequences end after half of the time for generated requests."""
    registry = town()
    transport = Direct(registry, sleep=clock.sleep)
    ask = transport._once

    def slowly(*args, **options):
        clock.sleep(0.3)
        return ask(*args, **options)

    transport._once = slowly
    started_s = clock()
    verdict, _, _ = run_clause(registry, clock, runs=50, transport=transport, max_time_s=60)

    assert verdict is Verdict.HELD
    assert 25 < clock() - started_s < 90
