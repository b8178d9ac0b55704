"""``contracts accept``, and the whole story of a change of the server."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from duologue.contracts.run.known_failures import load
from support.independent.app import App
from support.independent.server import serving

GUID, UID = "errors.guid-not-found", "errors.uid-not-found"
QUICK = ("--settle", "0", "--only", GUID, "--only", UID)


class ChangingServer:
    """A server that can be given a fault, and be repaired: it knows every group."""

    def __init__(self):
        self.has_fault = False
        self.app = App(overrides={"group": self._group})

    def _group(self, app, guid):
        return app.groups.setdefault(guid, {}) if self.has_fault else App.group(app, guid)


@pytest.fixture
def contracts(monkeypatch, tmp_path):
    """``contracts("accept", …)``: the result of that command, in a folder of the test's own."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def server():
    return ChangingServer()


@pytest.fixture
def run(contracts, server):
    """``run("head", …)``: the exit code of a run whose reports go to that folder."""
    with serving(server.app) as url:
        yield (
            lambda folder, *words: (
                contracts("run", "--target", url, "--output", folder, *QUICK, *words).exit_code
            )
        )


def test_the_whole_story_of_a_change(contracts, server, run):
    """Base, a fault, red, accepted, green; repaired, and a strict run wants the list cleared."""
    assert run("base") == 0
    server.has_fault = True
    assert run("head") == 1
    assert contracts("compare", "base", "head").exit_code == 1

    accepted = contracts("accept", "--from", "head", "--reason", "Ticket API-42")

    assert accepted.exit_code == 0, accepted.output
    assert f"accepted {GUID}\n1 entry written to accepted.yaml\n" == accepted.output
    assert contracts("compare", "base", "head", "--accept", "accepted.yaml").exit_code == 0
    assert run("accepted", "--accept", "accepted.yaml", "--strict-accept") == 0
    assert contracts("compare", "base", "accepted").exit_code == 0

    server.has_fault = False
    assert run("repaired", "--accept", "accepted.yaml") == 0
    assert run("repaired", "--accept", "accepted.yaml", "--strict-accept") == 1
    compared = contracts("compare", "accepted", "repaired")
    assert (compared.exit_code, "1 repaired" in compared.output) == (0, True)


def test_the_entry_says_why_until_when_and_what_was_seen(contracts, server, run, tmp_path):
    server.has_fault = True
    run("head")
    last = datetime.now(UTC).date() + timedelta(days=30)

    contracts(
        *("accept", "--from", "head/results.json", "--only", "errors.*", "--to", "lists/a.yaml"),
        *("--reason", "Ticket API-42", "--until", last),
    )

    (entry,) = load([str(tmp_path / "lists" / "a.yaml")])
    assert (entry.clause, entry.reason, entry.expires) == (GUID, "Ticket API-42", last)
    assert entry.evidence.startswith("run ")
    assert entry.got is not None


def test_where_nothing_is_broken_nothing_is_written(contracts, run, tmp_path):
    run("base")

    result = contracts("accept", "--from", "base", "--reason", "Ticket API-42")

    assert (result.exit_code, result.output) == (0, "nothing is broken\n")
    assert not (tmp_path / "accepted.yaml").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "absent", "--reason", "x"), "absent cannot be used: it is not there"),
        (("--from", "base", "--reason", " "), "--reason is empty: say why the break may stay"),
        (("--from", "base", "--reason", "x", "--until", "2020-01-01"), "name a day to come"),
        (("--from", "base", "--reason", "x", "--only", GUID), f"nothing broken is called '{GUID}'"),
    ],
)
def test_what_cannot_be_accepted_is_2(contracts, run, words, told):
    run("base")

    result = contracts("accept", *words)

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert told in line
