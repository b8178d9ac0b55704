"""A run: every clause judged, whatever happens in it, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.runner import judge, unreached
from support.fakes import by_hand, session_on
from support.independent.app import Registry
from support.independent.server import serving

COMMAND = [sys.executable, "-m", "duologue.contracts", "run"]


def clause(check, name="errors.made-up", operations=()):
    return Clause(name, "A statement.", "Nowhere", Basis.INFERRED, tuple(operations), check)


def played(registry, clock, *clauses, **options):
    return session_on(registry, clock).run(clauses, **options)


def test_a_crash_in_a_check_is_not_reached(town, clock):
    """An error of ours blames no target, ends no run, and leaves no stage behind."""
    registry = town()

    def crash(context):
        context.conversations.new(unread=1)
        raise KeyError("lastMessage")

    outcome = played(registry, clock, clause(crash), *by_hand("errors.guid-not-found"))

    verdicts = [result.verdict for result in outcome.results]
    assert verdicts == [Verdict.NOT_REACHED, Verdict.HELD]
    assert outcome.results[0].why == "an answer was not as foreseen: KeyError('lastMessage')"
    assert (registry.users, registry.letters, outcome.exit_code) == ({}, [], 1)


@pytest.mark.parametrize("failure", [NotReached("r"), NotStaged("s"), KeyError("k")])
def test_a_break_outweighs_what_comes_after(town, clock, failure):
    """What was found before the check came to an end is told as broken."""
    session = session_on(town(), clock)

    def check(context):
        with context.case():
            context.expect.that("x", False, expected="a", actual="b")
        raise failure

    with session.opened() as context:
        assert judge(clause(check), context) == (Verdict.BROKEN, "")


def test_what_clauses_share_is_made_once_and_struck_at_the_end(town, clock):
    """The first that asks makes it; it lasts as long as the run."""
    registry, seen = town(), []

    def share(context):
        seen.append(context.run_fixture("thing", lambda backstage: backstage.create.user()))
        assert seen[0] in registry.users

    played(registry, clock, clause(share), clause(share, "errors.made-up-2"))

    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert registry.users == {}


def test_what_could_not_be_made_fails_all_who_share_it(town, clock):
    """A shared thing is tried once, and is not reached for all."""
    tries = []

    def make(backstage):
        tries.append(backstage)
        raise NotReached("no stage")

    def share(context):
        context.run_fixture("thing", make)

    outcome = played(town(), clock, clause(share), clause(share, "errors.made-up-2"))

    assert [result.why for result in outcome.results] == ["no stage", "no stage"]
    assert len(tries) == 1


def test_what_cannot_be_taken_away_is_told(town, clock):
    """Users that the target does not delete are named in the result, and fail no clause."""

    def keep(self, asked):
        return self.update(asked)

    registry = town(departures={"delete_user": keep})
    outcome = played(registry, clock, *by_hand("errors.guid-not-found"))

    assert outcome.results[0].verdict is Verdict.HELD
    assert len(outcome.left_behind) == len(registry.users) == 3
    assert outcome.left_behind[-1].startswith("user duo-")


def test_an_interrupted_run_tells_what_it_knows(town, clock):
    """Ctrl-C between two clauses: the first one's result, a clean stage, exit code 130."""
    registry, told = town(), []

    def tell(result):
        told.append(result.clause.id)
        raise KeyboardInterrupt

    some = by_hand("deleteConversation")
    outcome = played(registry, clock, *some, tell=tell)

    assert len(told) == 1 < len(some)
    assert [result.clause.id for result in outcome.results] == told
    assert (outcome.interrupted, outcome.exit_code) == (True, 130)
    assert (registry.users, registry.letters) == ({}, [])


def test_clauses_are_told_in_the_order_of_the_page(town, clock):
    """Whatever comes first in time: slow ones start first, and are told in their place."""
    some = by_hand("getGroupConversation")
    outcome = played(town(), clock, *some)

    assert [result.clause.id for result in outcome.results] == [each.id for each in some]


def test_an_operation_must_be_answered_by_its_own_clause():
    """Never 2xx where its own clause was judged: not green. Where it was not staged: nobody's."""

    def result(name, operation, verdict):
        return Result(clause(print, name, [operation]), verdict)

    results = [
        result("operations.get-user-conversation", "getUserConversation", Verdict.HELD),
        result("operations.delete-conversation", "deleteConversation", Verdict.NOT_STAGED),
        result("errors.uid-not-found", "updateUserConversation", Verdict.HELD),
    ]

    assert unreached(results, {}) == ("getUserConversation",)
    assert unreached(results, {"getUserConversation": {404: 3, 200: 1}}) == ()


def test_clauses_that_only_see_refusals_can_be_run_alone(judge, town):
    """``--only errors.uid-not-found`` is green where it holds."""
    assert judge(town(), "errors.uid-not-found").exit_code == 0


@pytest.fixture
def running():
    """``running(registry, *options)``: a run in a process of its own."""
    started = []
    # Who runs the tests as a shell's background job hands an ignored Ctrl-C down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(url, *options):
        process = subprocess.Popen(
            [*COMMAND, "--target", url, *options],
            env={**os.environ, "CONTRACTS_API_KEY": "k", "CONTRACTS_AUTH_ONLY_KEY": "k2"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    signal.signal(signal.SIGINT, before)
    for process in started:
        process.kill()
        process.communicate()


def wait_until(holds, *, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("users", "signal_", "only"),
    [
        (1, signal.SIGINT, []),
        (20, signal.SIGTERM, []),
        (250, signal.SIGINT, ["--only", "key-behaviors.full-group-still-counts"]),
    ],
)
def test_ctrl_c_leaves_nothing_behind(running, tmp_path, users, signal_, only):
    """In the middle of a run: what was made goes, reports are written, exit code 130."""
    registry = Registry()
    with serving(registry) as url:
        process = running(url, "--output", str(tmp_path), *only)
        wait_until(lambda: len(registry.users) >= users)
        process.send_signal(signal_)
        out, err = process.communicate(timeout=15)

        assert process.returncode == 130, (out, err)
        assert "Traceback" not in err
        assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])


def test_a_second_ctrl_c_does_not_cut_the_cleaning_short(running):
    """The impatient are told, and what was made goes all the same."""
    registry = Registry()
    with serving(registry) as url:
        process = running(url)
        wait_until(lambda: len(registry.users) >= 60)
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=15)

        assert process.returncode == 130, (out, err)
        assert "cleaning up" in err
        assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])
