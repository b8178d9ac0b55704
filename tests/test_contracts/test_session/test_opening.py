"""The composition root: settings become a session, and each is told once."""

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import (
    ExistingDataUnreadable,
    KnownFailuresUnreadable,
    PreflightTooLong,
    TargetAddressInvalid,
    TargetTooBusy,
)
from duologue.contracts.fuzz import engine_process
from duologue.contracts.session import RunSettings, open_session
from support.fakes import without_generated
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")


def test_the_seed_of_the_budget_is_the_seed_of_the_run(url):
    """It is given once, and stands in the result."""
    with open_session(RunSettings(target=url, budget=Budget(seed=7))) as session:
        outcome = session.run(without_generated("errors.guid-not-found"))

    assert (outcome.seed, outcome.exit_code) == (7, 0)


def test_a_session_is_closed_at_the_end():
    """What clauses share is removed, also where no run did it."""
    app = App()
    with serving(app) as url:
        with open_session(RunSettings(target=url)) as session:
            session.context().run_fixture("user", lambda context: context.create.user())
            assert len(app.users) == 1

        assert app.users == {}


def test_existing_conversations_are_found_on_the_target():
    """The word "auto" reads the target's lists; nothing is made."""
    app = App()
    for uid in ("ana", "bo"):
        app.users[uid] = {"uid": uid, "name": uid}
    app.post("bo", "ana", kind="user", text="hello")
    with serving(app) as url, open_session(RunSettings(url, existing_data="auto")) as session:
        found = {(each.caller, each.peer) for each in session.existing}

    assert found == {("ana", "bo"), ("bo", "ana")}
    assert set(app.users) == {"ana", "bo"}


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (RunSettings("localhost:8080/v3"), TargetAddressInvalid),
        (RunSettings("http://host/v3", accept=("no-such-file",)), KnownFailuresUnreadable),
        (RunSettings("http://host/v3", existing_data="no-such-file"), ExistingDataUnreadable),
    ],
)
def test_bad_settings_are_refused_before_any_request(settings, error):
    """Nothing is asked of the target, which is not there."""
    with pytest.raises(error), open_session(settings):
        pass


def test_the_generator_loads_while_the_session_is_open(url):
    """It is started ahead where requests will be generated, and ends with the session."""
    with open_session(RunSettings(target=url, generates=True)):
        (engine,) = engine_process._ahead
        assert engine.process.poll() is None

    assert (engine.process.poll(), [*engine_process._ahead]) == (-9, [])


# -- before the first check ---------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 8])
def test_an_interruption_before_the_first_check_is_that_of_the_run(number):
    """Whichever request it meets: what was made is removed, and nothing is told of the target."""
    app, opened = App(), []

    def plan(seen):
        if seen.number == number:
            opened[0].interrupt()

    with (
        serving(app) as upstream,
        gw.Gateway(upstream, plan).serving() as url,
        open_session(RunSettings(url), on_open=opened.append) as session,
    ):
        outcome = session.run(without_generated("operations.*"))

    assert (outcome.interrupted, outcome.exit_code, outcome.results) == (True, 130, ())
    assert (app.users, outcome.left_behind) == ({}, ())


def test_the_time_of_a_run_ends_what_comes_before_its_first_check():
    """A target that answers 429 is not waited for until it stops."""
    plan = gw.always(gw.html(429, "", **{"Retry-After": "60"}))
    with (
        gw.Gateway("http://unused", plan).serving() as url,
        pytest.raises(PreflightTooLong, match="first check within --max-time 1 s"),
        open_session(RunSettings(url, max_time_s=1)),
    ):
        pass


def test_a_target_that_goes_on_answering_429_is_not_told_as_absent():
    """The sentence says what it answers, and what helps."""
    plan = gw.always(gw.html(429, "", **{"Retry-After": "99999"}))
    with (
        gw.Gateway("http://unused", plan).serving() as url,
        pytest.raises(TargetTooBusy, match=r"was answered 429 and asks .* with --rate"),
        open_session(RunSettings(url)),
    ):
        pass
