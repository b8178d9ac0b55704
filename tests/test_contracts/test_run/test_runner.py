"""A run: every clause judged, whatever happens in it, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.values import whole_in
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.runner import Judgement, judge, unreached
from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.server import serving
from support.waiting import WITHIN_S, happens

COMMAND = [sys.executable, "-m", "duologue.contracts", "run"]


def clause(check, name="errors.made-up", operations=()):
    return Clause(name, "A statement.", "Nowhere", Basis.INFERRED, tuple(operations), check)


def played(app, clock, *clauses, **options):
    return session_on(app, clock).run(clauses, **options)


def crash(context):
    """A check with a defect, after it has made test data."""
    context.conversations.new(unread=1)
    raise KeyError("lastMessage")


def test_a_defect_of_a_check_is_told_as_one(make_app, clock):
    """It blames no target, ends no run, leaves nothing behind: verdict error, exit code 2."""
    app = make_app()
    outcome = played(app, clock, clause(crash), *without_generated("errors.guid-not-found"))

    defective, held = outcome.results
    assert (defective.verdict, held.verdict) == (Verdict.ERROR, Verdict.HELD)
    assert defective.why == "a defect of the suite, not of the target: KeyError: 'lastMessage'"
    assert "in crash\n" in defective.traceback
    assert (app.users, app.messages, outcome.exit_code) == ({}, [], 2)


def test_a_defect_after_a_finding_is_not_lost(make_app, clock):
    """Both are told: the verdict is error, and the finding stands beside it."""

    def check(context):
        with context.case():
            context.expect.that("x", False, expected="a", actual="b")
        crash(context)

    (result,) = played(make_app(), clock, clause(check)).results

    assert (result.verdict, [each.title for each in result.findings]) == (Verdict.ERROR, ["x"])


def test_a_defect_in_a_case_ends_the_check(make_app, clock):
    """Only a break is kept as a case's finding; the next case is not begun."""
    started = []

    def check(context):
        for name in ("one", "two"):
            with context.case(name):
                started.append(name)
                crash(context)

    (result,) = played(make_app(), clock, clause(check)).results

    assert (result.verdict, started) == (Verdict.ERROR, ["one"])


def test_a_defect_in_a_probe_is_not_polled_away(make_app, clock):
    """A probe that raises what is no error of this package is asked once."""
    request = []

    def probe():
        request.append(1)
        return {}["missing"]

    def check(context):
        context.expect.equal("x", probe, 1)

    (result,) = played(make_app(), clock, clause(check)).results

    assert (result.verdict, len(request)) == (Verdict.ERROR, 1)


def test_a_defect_in_a_run_fixture_is_one_for_all_who_share_it(make_app, clock):
    """Each clause that asks for it tells the defect, with a traceback to the line that raised."""

    def share(context):
        context.run_fixture("thing", crash)

    outcome = played(make_app(), clock, clause(share), clause(share, "errors.made-up-2"))

    assert [result.verdict for result in outcome.results] == [Verdict.ERROR] * 2
    assert [result.traceback.count("in crash\n") for result in outcome.results] == [1, 1]


def test_a_defect_while_test_data_is_removed_is_told(make_app, clock):
    """The check held, but what failed is ours."""

    class Unremovable:
        def teardown(self):
            raise AttributeError("teardown")

    def spoil(context):
        context.data = Unremovable()

    (result,) = played(make_app(), clock, clause(spoil)).results

    assert (result.verdict, result.traceback.count("in teardown\n")) == (Verdict.ERROR, 2)


def test_a_malformed_answer_is_the_targets(make_app, clock):
    """What a reader of answers raises is no defect: the clause is not reached."""

    def check(context):
        whole_in({"a": 1}, "a count")

    (result,) = played(make_app(), clock, clause(check)).results

    assert result.verdict is Verdict.NOT_REACHED
    assert result.why == 'a count is not as it can be read: expected an integer, got {"a": 1}'


@pytest.mark.parametrize("failure", [NotReached("r"), NotStaged("s")])
def test_a_break_outweighs_what_comes_after(make_app, clock, failure):
    """What was found before the check came to an end is told as broken."""
    session = session_on(make_app(), clock)

    def check(context):
        with context.case():
            context.expect.that("x", False, expected="a", actual="b")
        raise failure

    with session.opened() as context:
        assert judge(clause(check), context) == Judgement(Verdict.BROKEN)


def test_what_clauses_share_is_made_once_and_struck_at_the_end(make_app, clock):
    """The first that asks makes it; it lasts as long as the run."""
    app, seen = make_app(), []

    def share(context):
        seen.append(context.run_fixture("thing", lambda inner_context: inner_context.create.user()))
        assert seen[0] in app.users

    played(app, clock, clause(share), clause(share, "errors.made-up-2"))

    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert app.users == {}


def test_what_could_not_be_made_fails_all_who_share_it(make_app, clock):
    """A shared thing is tried once, and is not reached for all."""
    tries = []

    def make(inner_context):
        tries.append(inner_context)
        raise NotReached("no stage")

    def share(context):
        context.run_fixture("thing", make)

    outcome = played(make_app(), clock, clause(share), clause(share, "errors.made-up-2"))

    assert [result.why for result in outcome.results] == ["no stage", "no stage"]
    assert len(tries) == 1


def test_what_cannot_be_taken_away_is_told(make_app, clock):
    """Users that the target does not delete are named in the result, and fail no clause."""

    def keep(self, request):
        return self.update(request)

    app = make_app(overrides={"delete_user": keep})
    session = session_on(app, clock, allow_leftovers=True)
    outcome = session.run(without_generated("errors.guid-not-found"))

    assert outcome.results[0].verdict is Verdict.HELD
    assert len(outcome.left_behind) == len(app.users) == 4
    assert outcome.left_behind[-1].startswith("user duo-")


def test_an_interrupted_run_tells_what_it_knows(make_app, clock):
    """Ctrl-C between two clauses: the first one's result, a clean stage, exit code 130."""
    app, reported = make_app(), []

    def tell(result):
        reported.append(result.clause.id)
        raise KeyboardInterrupt

    some = without_generated("deleteConversation")
    outcome = played(app, clock, *some, tell=tell)

    assert len(reported) == 1 < len(some)
    assert [result.clause.id for result in outcome.results] == reported
    assert (outcome.interrupted, outcome.exit_code) == (True, 130)
    assert (app.users, app.messages) == ({}, [])


def test_clauses_are_told_in_the_order_of_the_page(make_app, clock):
    """Whatever comes first in time: slow ones start first, and are told in their place."""
    some = without_generated("getGroupConversation")
    outcome = played(make_app(), clock, *some)

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


def test_clauses_that_only_see_refusals_can_be_run_alone(judge, make_app):
    """``--only errors.uid-not-found`` is green where it holds."""
    assert judge(make_app(), "errors.uid-not-found").exit_code == 0


@pytest.fixture
def running(hears_ctrl_c):  # and hands that down
    """Return ``running(url, *options)``: a run in a process of its own."""
    started = []

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
    for process in started:
        process.kill()
        process.communicate()


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
    app = App()
    with serving(app) as url:
        process = running(url, "--output", str(tmp_path), *only)
        assert happens(lambda: len(app.users) >= users, within_s=WITHIN_S)
        process.send_signal(signal_)
        out, err = process.communicate(timeout=WITHIN_S)

        assert process.returncode == 130, (out, err)
        assert "Traceback" not in err
        assert (app.users, app.groups, app.messages) == ({}, {}, [])


class Handshake(App):
    """A server that tells how far a run has come, and waits until the test lets it go on."""

    def __init__(self):
        super().__init__()
        self.is_staging, self.is_cleaning = threading.Event(), threading.Event()
        self.interrupted, self.go_on = threading.Event(), threading.Event()

    def answer(self, request):
        if len(self.users) >= 60 and not self.interrupted.is_set():
            self.is_staging.set()
            self.interrupted.wait(WITHIN_S)
        if self.interrupted.is_set() and request.method == "DELETE":
            self.is_cleaning.set()
            self.go_on.wait(WITHIN_S)
        return super().answer(request)


def test_ctrl_c_says_what_is_left_and_a_second_one_leaves_it_there(running, tmp_path):
    """The first says how much is to be removed, the second ends that; the report names the rest.

    No request is answered until the first signal is sent, and nothing is removed until the second
    is answered: each signal comes at its place, however slow the machine is.
    """
    app = Handshake()
    with serving(app) as url:
        process = running(
            url,
            *("--timeout", str(2 * WITHIN_S), "--output", str(tmp_path)),
            *("--only", "key-behaviors.full-group-still-counts"),
        )
        assert app.is_staging.wait(WITHIN_S)
        process.send_signal(signal.SIGINT)
        first = process.stderr.readline()
        app.interrupted.set()
        assert app.is_cleaning.wait(WITHIN_S)
        process.send_signal(signal.SIGINT)
        second = process.stderr.readline()
        app.go_on.set()
        out, err = process.communicate(timeout=WITHIN_S)

        assert process.returncode == 130, (out, err)
        assert re.search(r"cleaning up, \d+ users to remove", first)
        assert re.search(r"no more is removed, \d+ users left behind", second)
        left = json.loads((tmp_path / "results.json").read_text())["left_behind"]
        assert {f"user {uid}" for uid in app.users} == {" ".join(each.split()[:2]) for each in left}


def test_a_third_ctrl_c_ends_at_once(running, tmp_path):
    """Though calls are still under way; the report is written."""
    app = Handshake()
    with serving(app) as url:
        process = running(
            url,
            *("--timeout", str(2 * WITHIN_S), "--output", str(tmp_path)),
            *("--only", "key-behaviors.full-group-still-counts"),
        )
        assert app.is_staging.wait(WITHIN_S)
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            process.stderr.readline()
        process.communicate(timeout=WITHIN_S)
        app.interrupted.set()
        app.go_on.set()

    assert process.returncode == 130
    assert json.loads((tmp_path / "results.json").read_text())["interrupted"] is True


def test_a_defect_outside_the_checks_is_part_of_the_result(make_app, clock):
    """The report is written all the same, and the exit code is 2."""

    def tell(result):
        raise ZeroDivisionError

    app = make_app()
    outcome = played(app, clock, *without_generated("errors.guid-not-found"), tell=tell)

    assert "ZeroDivisionError" in outcome.defect
    assert outcome.exit_code == 2
    assert app.users == {}
