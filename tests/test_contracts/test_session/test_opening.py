"""The composition root: settings become a session, and each is told once."""

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import (
    ExistingDataUnreadable,
    KnownFailuresUnreadable,
    TargetAddressInvalid,
)
from duologue.contracts.fuzz import engine_process
from duologue.contracts.session import RunSettings, open_session
from support.fakes import without_generated
from support.independent.app import App
from support.independent.server import serving


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
