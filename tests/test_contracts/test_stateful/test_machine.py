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
from support.fakes import DirectTransport, session_on
from support.hypothesis_profile import hypothesis_profile
from support.independent.app import App
from support.independent.values import Refusal
from support.servers.tolerant_servers import TOLERANCES

CLAUSE = REGISTRY["walk.state-follows-a-model"]


def run_clause(app, clock, *, seed=42, runs=8, transport=None, max_time_s=600.0):
    """Run the clause on a server; return its verdict, reason and findings."""
    session = session_on(app, clock, budget=Budget(seed, runs, max_time_s))
    session.transport = transport or session.transport
    with session.opened() as context:
        judged = judge(CLAUSE, context)
    return judged.verdict, judged.why, context.findings.own


def test_the_class_for_hypothesis_has_what_it_reads(make_app, clock):
    """Hypothesis instantiates the class without arguments: runs and seed have to be on it."""
    with session_on(make_app(), clock, budget=Budget(seed=7)).opened() as context:
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
def test_a_correct_server_holds(make_app, clock, seed):
    """A server that follows the readings matches the model, and no test data is left."""
    app = make_app()

    assert run_clause(app, clock, seed=seed) == (Verdict.HELD, "", [])
    assert (app.users, app.groups, app.messages) == ({}, {}, [])


@pytest.mark.parametrize("options", [{"late_s": 0.5}, {"late_s": 3.0}, {"actions": True}])
def test_a_server_with_lag_or_join_messages_holds(make_app, clock, options):
    """Late writes are polled for; messages about joining count in the baseline."""
    assert run_clause(make_app(**options), clock, runs=4) == (Verdict.HELD, "", [])


@pytest.mark.parametrize("name", TOLERANCES)
def test_a_tolerance_gives_no_finding(make_app, clock, name):
    assert run_clause(make_app(overrides=TOLERANCES[name]), clock, runs=5) == (Verdict.HELD, "", [])


def no_effect(name, kind="user"):
    """Return an operation that changes nothing for one kind of conversation."""

    def skip(self, key, *rest):
        if key[1] != kind:
            getattr(App, name)(self, key, *rest)

    return {name: skip}


def on_all_mine(name):
    """Return an operation that affects all conversations of the caller."""

    def spread(self, key, *rest):
        for mine in self.threads(key[0]):
            getattr(App, name)(self, mine, *rest)

    return {name: spread}


def stops_at_four(self, key, messages):
    return min(App.count(self, key, messages), 4)


DEFECTS = {
    "reset does nothing": (no_effect("reset"), "resets (user)"),
    "reset does all": (on_all_mine("reset"), "resets"),
    "tags are not kept": (no_effect("set_tags", "group"), "sets the tags"),
    "delete does nothing": (no_effect("delete_copy"), "deletes the conversation"),
    "unread does nothing": (no_effect("mark_unread_from"), "marks as unread"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_reported_with_few_steps(make_app, clock, name):
    """The finding names the steps that are needed, and the calls to repeat them."""
    overrides, step = DEFECTS[name]
    verdict, _, (finding,) = run_clause(make_app(overrides=overrides), clock, runs=20)
    steps = finding.title.partition(", after: ")[2].split("; ")

    assert verdict is Verdict.BROKEN
    assert step in finding.title
    assert len(steps) <= 2
    assert all(call.startswith("curl ") for call in finding.calls)
    assert finding.calls


def test_the_same_seed_takes_the_same_steps(make_app, clock, monkeypatch):
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step))
    drawn = []
    for seed in (1, 1, 2):
        taken.clear()
        run_clause(make_app(), clock, seed=seed, runs=3)
        drawn.append(list(taken))

    assert drawn[0] == drawn[1] != drawn[2]


def test_a_projects_profile_of_hypothesis_changes_no_step(make_app, clock, monkeypatch):
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step))
    run_clause(make_app(), clock, seed=1, runs=3)
    without = list(taken)
    taken.clear()

    with hypothesis_profile():
        run_clause(make_app(), clock, seed=1, runs=3)

    assert taken == without


def test_every_step_is_taken(make_app, clock, monkeypatch):
    """Twenty sequences use every kind of step; most of them are of full length."""
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step.name))
    run_clause(make_app(), clock, runs=20)

    assert set(taken) == set(ARGUMENTS)
    assert len(taken) > 15 * STEPS_PER_SEQUENCE


def test_a_failure_that_does_not_repeat_is_not_reached(make_app, clock):
    """A single failure is reported, but breaks no clause."""
    glitch = itertools.chain(itertools.repeat(False, 300), [True], itertools.repeat(False))

    def flicker(self, key, messages, **wants):
        shown = App.conversation(self, key, messages, **wants)
        return {**shown, "unreadMessageCount": 77} if next(glitch) else shown

    app = make_app(overrides={"conversation": flicker})
    session = session_on(app, clock, settle_s=0.0, budget=Budget(42, 20))
    with session.opened() as context:
        judged = judge(CLAUSE, context)

    assert judged.verdict is Verdict.NOT_REACHED
    assert judged.why.startswith("a sequence of steps failed once and not when repeated")


class FailingTransport(DirectTransport):
    """A transport that raises from the given request on, except for DELETE."""

    def __init__(self, app, *, at, cause, **options):
        super().__init__(app, **options)
        self.left, self.cause = at, cause

    def _once(self, method, url, *, headers, content):
        self.left -= 1
        if self.left < 0 and method != "DELETE":
            raise self.cause
        return super()._once(method, url, headers=headers, content=content)


def test_a_target_that_stops_answering_is_not_reached(make_app, clock):
    """The reason is that of the request without an answer."""
    app = make_app()
    transport = FailingTransport(
        app, at=100, cause=NotReached("the line is dead"), sleep=clock.sleep
    )
    verdict, why, findings = run_clause(app, clock, transport=transport)

    assert (verdict, findings) == (Verdict.NOT_REACHED, [])
    assert "the line is dead" in why


def test_an_interruption_ends_the_run(make_app, clock):
    """Ctrl-C is raised at once and not treated as a failed sequence."""
    app = make_app()
    transport = FailingTransport(app, at=100, cause=Interrupted(), sleep=clock.sleep)

    with pytest.raises(Interrupted):
        run_clause(app, clock, transport=transport)


def test_a_slow_target_gets_fewer_sequences(make_app, clock):
    """The sequences end after half of the time for generated requests."""
    app = make_app()
    transport = DirectTransport(app, sleep=clock.sleep)
    ask = transport._once

    def slowly(*args, **options):
        clock.sleep(0.3)
        return ask(*args, **options)

    transport._once = slowly
    started_s = clock()
    verdict, _, _ = run_clause(app, clock, runs=50, transport=transport, max_time_s=60)

    assert verdict is Verdict.HELD
    assert 25 < clock() - started_s < 90


def test_the_call_that_failed_is_named(make_app, clock):
    """So what one operation's outage breaks here follows from that operation's own clause."""

    def down(self, request):
        raise Refusal(500, "ERR_INTERNAL")

    verdict, _, (finding,) = run_clause(make_app(overrides={"update": down}), clock)

    assert verdict is Verdict.BROKEN
    (call,) = finding.last_calls
    assert (call.method, call.status, call.code) == ("PUT", 500, "ERR_INTERNAL")
