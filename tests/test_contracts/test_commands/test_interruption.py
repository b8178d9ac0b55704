"""Ctrl-C during a run is never lost, even where Python ignores what its handler raises."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from types import MethodType

import pytest

from duologue.contracts.commands.interruption import interruptible
from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.waiting import WITHIN_S

SOME = ("--only", "operations.*", "--workers", "1", "--settle", "0")


class Ended:
    """Something at whose end Ctrl-C comes."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(9):  # the handler runs before this method ends
            pass


# The command line, with Ctrl-C at the end of an object just before the first call of a function.
COMMAND = """
import os, signal, sys
from duologue.contracts.cli import main
import {module} as module

class Ended:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(9):
            pass

def interrupted_once(call):
    came = []
    def wrapped(*words, **named):
        if not came:
            came.append(True)
            Ended()
        return call(*words, **named)
    return wrapped

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
{place} = interrupted_once({place})
main()
"""
PLACES = {
    "before the run": ("duologue.contracts.session.session", "module.preflight"),
    "in the run": ("duologue.contracts.reports.terminal", "module.Terminal.tell"),
    "in the report": ("duologue.contracts.commands.reporting", "module.write_reports"),
}


@pytest.fixture
def interrupted(tmp_path):
    """``interrupted(place)``: a whole command, interrupted there; the process and its server."""

    def run(place, *words):
        app, (module, name) = App(), PLACES[place]
        code = COMMAND.format(module=module, place=name)
        with serving(app) as url:
            done = subprocess.run(
                [sys.executable, "-c", code, "run", "--target", url, *SOME, *words],
                cwd=tmp_path,
                env={**os.environ, "CONTRACTS_API_KEY": "k", "CONTRACTS_AUTH_ONLY_KEY": "k2"},
                capture_output=True,
                text=True,
                timeout=WITHIN_S,
                check=False,
            )
        return done, app

    return run


def test_ctrl_c_where_an_object_ends_ends_the_run(interrupted, tmp_path):
    """It says how much is left, removes it, and writes the report."""
    done, app = interrupted("in the run", "--output", "report")

    document = json.loads((tmp_path / "report" / "results.json").read_text())
    assert done.returncode == 130, done.stdout + done.stderr
    assert "contracts: interrupted: cleaning up, " in done.stderr
    assert "ignored" not in done.stderr and "Traceback" not in done.stderr
    assert document["interrupted"] is True
    assert (len(document["clauses"]), document["left_behind"]) == (1, [])
    assert (app.users, app.groups) == ({}, {})


def test_ctrl_c_before_the_first_check_is_reported_as_in_a_run(interrupted, tmp_path):
    """No clause is checked; the reports say so."""
    done, app = interrupted("before the run", "--output", "report")

    document = json.loads((tmp_path / "report" / "results.json").read_text())
    assert done.returncode == 130, done.stdout + done.stderr
    assert (document["interrupted"], document["clauses"]) == (True, [])
    assert (tmp_path / "report" / "junit.xml").exists()
    assert app.users == {}


def test_sigterm_ends_a_replay_that_removes_what_it_made(tmp_path):
    """Its job is cancelled by the CI at its second user."""
    app, started = App(overrides={"group": lambda self, guid: self.groups.setdefault(guid, {})}), []
    made = itertools.count(1)

    def plan(seen):
        if (seen.method, seen.path) == ("POST", "/users") and next(made) == 2:
            started[0].terminate()

    command = [sys.executable, "-m", "duologue.contracts"]
    env = {**os.environ, "CONTRACTS_API_KEY": "k", "CONTRACTS_AUTH_ONLY_KEY": "k2"}
    with serving(app) as upstream, gw.Gateway(upstream, plan).serving() as url:
        words = ["run", "--target", upstream, "--only", "errors.guid-not-found", "--output", "r"]
        subprocess.run([*command, *words], cwd=tmp_path, env=env, timeout=WITHIN_S, check=False)
        replay = subprocess.Popen(
            [*command, "replay", "r", "--target", url],
            cwd=tmp_path,
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(replay)
        _, told = replay.communicate(timeout=WITHIN_S)

    assert replay.returncode == 130, told
    assert "interrupted: cleaning up, " in told
    assert app.users == {}


def test_ctrl_c_while_the_report_is_written_leaves_it_whole(interrupted, tmp_path):
    done, _ = interrupted("in the report", "--output", "report")

    document = json.loads((tmp_path / "report" / "results.json").read_text())
    assert done.returncode == 130, done.stdout + done.stderr
    assert document["interrupted"] is False
    assert document["summary"]["held"] == len(document["clauses"]) > 1
    assert (tmp_path / "report" / "junit.xml").exists()


def test_a_run_that_is_interrupted_before_its_first_check_checks_nothing(make_app, clock):
    app = make_app()
    session = session_on(app, clock)
    session.interrupt()

    outcome = session.run(without_generated("operations.*"))

    assert (outcome.interrupted, outcome.exit_code, outcome.results) == (True, 130, ())
    assert app.users == {}


@pytest.mark.usefixtures("hears_ctrl_c")
def test_a_signal_ends_the_run_that_is_watched(make_app, clock):
    """A dry run, too: its session is watched as any other."""
    session, told = session_on(make_app(), clock), []

    def tell(result):
        told.append(result)
        Ended()

    with interruptible() as interruption:
        interruption.watch(session)
        outcome = session.run(without_generated("operations.*"), tell=tell)

    assert (interruption.times, outcome.interrupted, len(told)) == (1, True, 1)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_while_data_is_removed_does_not_end_that(make_app, clock):
    """What clauses share is removed whole, as the sentence says."""

    def delete_user(self, request):
        if not interruption.times:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return App.delete_user(self, request)

    app = make_app()
    session = session_on(app, clock)
    session.context().run_fixture("users", lambda context: context.create.users(3))
    app.delete_user = MethodType(delete_user, app)

    with interruptible() as interruption:
        interruption.watch(session)
        outcome = session.run([])

    assert (outcome.exit_code, outcome.left_behind, app.users) == (130, (), {})
