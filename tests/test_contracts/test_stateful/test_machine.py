"""Walks: a server that follows the readings is never accused, one that departs is, in few steps."""

import itertools

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import Broken, Interrupted, NotReached
from duologue.contracts.run.results import Verdict
from duologue.contracts.run.runner import judge as judge_scene
from duologue.contracts.stateful.machine import STEPS_A_WALK, WORDS
from duologue.contracts.stateful.model import ModelMessage, View, initial_model
from duologue.contracts.stateful.steps import Step, StepRunner
from support.fakes import Direct, session_on
from support.independent.app import Registry
from support.tolerant_servers import FREEDOMS

CLAUSE = REGISTRY["walk.state-follows-a-model"]
ANA, BO = "ana", "bo"


def walked(registry, clock, *, seed=42, runs=8, transport=None, max_time_s=600.0):
    """What became of walks on a server: verdict, reason, findings."""
    session = session_on(registry, clock, budget=Budget(seed, runs, max_time_s))
    session.transport = transport or session.transport
    with session.opened() as context:
        judged = judge_scene(CLAUSE, context)
    return judged.verdict, judged.why, context.findings.own


def strolled(registry, clock, *steps):
    """The stroll of two people who take these steps."""
    with session_on(registry, clock).opened() as context:
        steps_runner = StepRunner(context)
        steps_runner.begin()
        for name, words in steps:
            steps_runner.take(Step(name, words))
        steps_runner.end()
    return steps_runner


def does(name, who=ANA, kind="user", **words):
    return name, {"who": who, "kind": kind, **words}


# -- the ledger --------------------------------------------------------------------------------


def talk(*senders):
    """The ledger of a talk in which these wrote in turn; messages are called m0, m1 …"""
    model = initial_model([ANA, BO])
    for number, sender in enumerate(senders):
        model.say(ModelMessage(f"m{number}", sender))
    return model


def counts(model, who=ANA):
    return model.copies[who].fewest, model.copies[who].most


def test_messages_of_others_count():
    """Own messages never do."""
    model = talk(BO, BO, ANA)

    assert (counts(model, ANA), counts(model, BO)) == ((2, 2), (1, 1))
    assert model.last == "m2"


def test_reading_is_the_callers_alone():
    """All at once, or up to and including a message."""
    model = talk(BO, BO, BO, ANA)
    model.copies[ANA].clear(1)

    assert (counts(model, ANA), counts(model, BO)) == ((1, 1), (1, 1))
    model.copies[ANA].clear()
    assert counts(model) == (0, 0)


def test_unread_is_one_or_more():
    """Which message, and how many with it, no document decides (B8)."""
    model = talk(BO, BO, ANA)
    model.copies[ANA].clear()
    model.mark_unread(ANA)

    assert counts(model) == (1, 2)


def test_unread_after_a_message():
    """All of others after it; the one named, and what was unread before, may count or not."""
    model = talk(BO, BO, BO, BO)
    model.copies[ANA].clear()
    model.mark_unread_after(ANA, 1)

    assert counts(model) == (2, 3)


def test_unread_after_an_own_message():
    """An own message cannot count, so nothing is left open."""
    model = talk(BO, ANA, BO)
    model.copies[ANA].clear()
    model.mark_unread_after(ANA, 1)

    assert counts(model) == (1, 1)


def test_a_deleted_message_may_count():
    """It is shown no more, and whether it lowers the count, no document says."""
    model = talk(ANA, BO, BO)
    model.unsend(2)

    assert (counts(model), model.last) == ((1, 2), None)
    model.unsend(1)
    model.say(ModelMessage("m3", BO))
    assert (counts(model), model.last) == ((1, 3), "m3")


def test_deleting_an_older_message_keeps_the_last():
    """The newest is still the newest."""
    model = talk(BO, ANA)
    model.unsend(0)

    assert model.last == "m1"


def test_a_deleted_conversation_is_refused_until_the_next_message():
    """It is the caller's alone, and what it counts when it is back is open."""
    model = talk(BO, BO)
    model.delete(ANA)

    assert model.agrees(ANA, None)
    assert not model.agrees(ANA, View(0, "m1", None))
    assert not model.agrees(BO, None)
    model.say(ModelMessage("m2", BO))
    assert counts(model) == (1, 3)
    assert model.agrees(ANA, View(1, "m2", ("any",)))


def test_a_reset_may_take_the_tags():
    """It is the count that it sets to 0; what becomes of tags, no document says."""
    model = talk(BO)
    model.copies[ANA].tags = ("red",)
    model.reset(ANA)

    assert model.agrees(ANA, View(0, "m0", ()))
    assert model.agrees(ANA, View(0, "m0", ("red",)))


def test_a_reset_counts_nothing():
    """The conversation stays, with its last message and its tags."""
    model = talk(BO, BO)
    model.reset(ANA)

    assert model.agrees(ANA, View(0, "m1", ()))
    assert not model.agrees(ANA, None)
    assert model.of_others(ANA) == set()


@pytest.mark.parametrize(
    ("seen", "agrees"),
    [
        (View(1, "m0", ("red", "blue")), True),
        (View(1, "m0", ("blue", "red")), True),  # no order is promised
        (View(1, "m0", None), True),  # nor that GET shows tags (C6)
        (View(1, "m0", ("red",)), False),
        (View(0, "m0", None), False),
        (View(2, "m0", None), False),
        (View(1, None, None), False),
        (View(1, "m1", None), False),
        (None, False),
    ],
)
def test_what_agrees_with_the_ledger(seen, agrees):
    """Count, last message and tags, as far as they are shown."""
    model = talk(BO)
    model.copies[ANA].tags = ("red", "blue")

    assert model.agrees(ANA, seen) is agrees


@pytest.mark.parametrize(("count", "left"), [(1, (1, 1)), (2, (1, 3)), (3, (3, 3))])
def test_a_view_settles_what_was_open(count, left):
    """The fewest and the most tell all; what lies between tells not which."""
    model = talk(BO, BO, BO)
    model.copies[ANA].clear()
    model.mark_unread(ANA)
    model.settle(ANA, View(count, "m2", ()))

    assert counts(model) == left


# -- walks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 6))
def test_walks_hold(town, clock, seed):
    """A server that follows the readings keeps the model at any seed, and is left as it was."""
    registry = town()

    assert walked(registry, clock, seed=seed) == (Verdict.HELD, "", [])
    assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])


@pytest.mark.parametrize("options", [{"late_s": 0.5}, {"late_s": 3.0}, {"actions": True}])
def test_walks_hold_on_a_server_of_other_habits(town, clock, options):
    """Writes that show late are waited for; members who join count from the baseline on."""
    assert walked(town(**options), clock, runs=4) == (Verdict.HELD, "", [])


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_rings_no_alarm(town, clock, name):
    """What no document decides leads no walk astray."""
    assert walked(town(departures=FREEDOMS[name]), clock, runs=5) == (Verdict.HELD, "", [])


def no_effect(name, kind="user"):
    """An operation that changes nothing for one kind of conversation."""

    def skip(self, key, *rest):
        if key[1] != kind:
            getattr(Registry, name)(self, key, *rest)

    return {name: skip}


def on_all_mine(name):
    """An effect on all of the caller's conversations."""

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
def test_a_departure_is_told_in_few_steps(town, clock, name):
    """A walk that breaks is told with the steps it takes, and the calls to try it."""
    departures, step = DEPARTURES[name]
    verdict, _, (finding,) = walked(town(departures=departures), clock, runs=20)
    steps = finding.title.partition(", after: ")[2].split("; ")

    assert verdict is Verdict.BROKEN
    assert step in finding.title
    assert len(steps) <= 2
    assert all(call.startswith("curl ") for call in finding.calls)
    assert finding.calls


def test_the_same_seed_takes_the_same_steps(town, clock, monkeypatch):
    """What is drawn depends on the seed alone."""
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step))
    drawn = []
    for seed in (1, 1, 2):
        taken.clear()
        walked(town(), clock, seed=seed, runs=3)
        drawn.append(list(taken))

    assert drawn[0] == drawn[1] != drawn[2]


def test_every_step_is_drawn(town, clock, monkeypatch):
    """No kind of step is left out of the walks of a run."""
    taken = []
    monkeypatch.setattr(StepRunner, "take", lambda self, step: taken.append(step.name))
    walked(town(), clock, runs=20)

    assert set(taken) == set(WORDS)
    assert len(taken) >= 20 * STEPS_A_WALK


def test_a_break_that_does_not_come_again_is_not_reached(town, clock):
    """One glitch accuses nobody: it is told, and no clause is broken."""
    hiccup = itertools.chain(itertools.repeat(False, 300), [True], itertools.repeat(False))

    def flicker(self, key, letters, **wants):
        shown = Registry.conversation(self, key, letters, **wants)
        return {**shown, "unreadMessageCount": 77} if next(hiccup) else shown

    registry = town(departures={"conversation": flicker})
    session = session_on(registry, clock, settle_s=0.0, budget=Budget(42, 20))
    with session.opened() as context:
        judged = judge_scene(CLAUSE, context)

    assert judged.verdict is Verdict.NOT_REACHED
    assert judged.why.startswith("a walk broke once, and not when repeated")


class Failing(Direct):
    """A transport that raises from the given request on, but for what cleans up."""

    def __init__(self, registry, *, at, cause, **options):
        super().__init__(registry, **options)
        self.left, self.cause = at, cause

    def _once(self, method, url, *, headers, content):
        self.left -= 1
        if self.left < 0 and method != "DELETE":
            raise self.cause
        return super()._once(method, url, headers=headers, content=content)


def test_a_walk_that_cannot_go_on_is_not_reached(town, clock):
    """A request that is not answered ends the walks, with its reason."""
    registry = town()
    transport = Failing(registry, at=100, cause=NotReached("the line is dead"), sleep=clock.sleep)
    verdict, why, findings = walked(registry, clock, transport=transport)

    assert (verdict, findings) == (Verdict.NOT_REACHED, [])
    assert "the line is dead" in why


def test_an_interruption_ends_the_walks(town, clock):
    """Ctrl-C is no break to be shortened."""
    registry = town()
    transport = Failing(registry, at=100, cause=Interrupted(), sleep=clock.sleep)

    with pytest.raises(Interrupted):
        walked(registry, clock, transport=transport)


def test_walks_end_with_their_time(town, clock):
    """A slow target is walked less: half of the time for what is generated is the walks'."""
    registry = town()
    transport = Direct(registry, sleep=clock.sleep)
    ask = transport._once

    def slowly(*args, **words):
        clock.sleep(0.3)
        return ask(*args, **words)

    transport._once = slowly
    begun_at = clock()
    verdict, _, _ = walked(registry, clock, runs=50, transport=transport, max_time_s=60)

    assert verdict is Verdict.HELD
    assert 25 < clock() - begun_at < 90


def test_what_cannot_be_done_is_left_out(town, clock):
    """Steps on a conversation that was deleted wait for the next message."""
    steps_runner = strolled(
        town(),
        clock,
        ("delete", {"who": ANA}),
        does("read"),
        does("unsend", back=0),
        does("say", BO),
        does("read"),
    )

    assert steps_runner.steps_done == [
        "ana deletes the conversation (user)",
        "bo writes (user)",
        "ana marks all as read (user)",
    ]


def test_a_step_names_messages_by_their_place(town, clock):
    """The newest that still stands is counted back from."""
    steps_runner = strolled(
        town(),
        clock,
        does("unsend", BO, back=0),
        does("read_up_to", back=1),
        does("unread_after", back=9),
    )

    assert steps_runner.steps_done[0] == "bo deletes message 6 (user)"
    assert steps_runner.steps_done[1] == "ana reads up to message 4 (user)"


def test_the_lists_are_looked_at_in_the_end(town, clock):
    """A count that is right in GET and stale in the list is found."""

    def stale(self, asked, row):
        return {**Registry.row(self, asked, row), "unreadMessageCount": 0}

    with pytest.raises(Broken, match="the list of ana"):
        strolled(town(departures={"row": stale}), clock)
