"""``contracts replay``: broken or held, against any target; and what ``run --keep`` leaves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from duologue import openapi
from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving

GUID = "errors.guid-not-found"
TYPE = "properties.conversation-type"
LIMIT = "key-behaviors.at-most-25-tags"


def untyped(self, key, messages, **wants):
    """Show a conversation without its type."""
    shown = App.conversation(self, key, messages, **wants)
    shown.pop("conversationType")
    return shown


@pytest.fixture
def contracts(monkeypatch, tmp_path):
    """``contracts("replay", …)``: the result of that command, in a folder of the test's own."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def broken():
    """Return a server whose conversations have no type, and its address."""
    app = App(overrides={"conversation": untyped})
    with serving(app) as url:
        yield app, url


@pytest.fixture
def run(contracts, broken):
    """``run(…)``: the document of a run against the broken server."""

    def run(*words):
        _, url = broken
        only = ("--only", GUID, "--only", TYPE)
        contracts("run", "--target", url, "--output", ".", "--settle", "0", *only, *words)
        return json.loads(Path("results.json").read_text(encoding="utf-8"))

    return run


def test_a_finding_is_broken_where_it_was_found_and_held_elsewhere(contracts, run, url):
    document = run()
    (clause,) = [each for each in document["clauses"] if each["findings"]]
    first = clause["findings"][0]["fingerprint"]

    there = contracts("replay", "results.json", first)
    elsewhere = contracts("replay", ".", "--target", url)

    assert there.exit_code == 1, there.output
    assert f"broken           {TYPE} [{first}]" in there.output
    assert "    curl -X GET" in there.output
    assert "0 of 1 held" in there.output
    assert elsewhere.exit_code == 0, elsewhere.output
    assert f"held             {TYPE} [{first}]" in elsewhere.output


def test_a_clause_that_was_held_can_be_checked_again(contracts, run):
    run()

    result = contracts("replay", ".", GUID)

    assert (result.exit_code, "1 of 1 held" in result.output) == (0, True)


def test_nothing_is_left_by_a_replay(contracts, run, broken):
    run()

    contracts("replay", ".")

    assert broken[0].users == {}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("absent",), "absent cannot be used"),
        ((".", "0" * 16), "no finding and no clause"),
        ((".", "--target", "http://127.0.0.1:9/v3"), "nothing answers at http://127.0.0.1:9/v3"),
    ],
)
def test_what_cannot_be_replayed_is_2(contracts, run, words, told):
    run()

    result = contracts("replay", *words)

    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("in_the_run", "words", "exit_code"),
    [([], [], 2), ([], ["--allow-leftovers"], 1), (["--allow-leftovers"], [], 1)],
    ids=["not allowed", "allowed", "allowed in the run"],
)
def test_a_target_that_removes_nothing(contracts, run, broken, in_the_run, words, exit_code):
    """As in a run, whose option the replay takes over."""
    app, _ = broken
    run(*in_the_run)
    app.delete_user = lambda request: {"success": True}

    result = contracts("replay", ".", *words)

    assert result.exit_code == exit_code, result.output
    assert ("--allow-leftovers" in result.output) == (exit_code == 2)


def test_keep_leaves_the_data_of_findings_and_clean_removes_it(contracts, run, broken):
    """What clauses that held have made is removed as always."""
    app, url = broken

    document = run("--keep")

    left = {each.split()[1] for each in document["left_behind"] if each.startswith("user")}
    shown = {
        key
        for clause in document["clauses"]
        for finding in clause["findings"]
        for key in finding["roles"].values()
    }
    assert left == set(app.users)
    assert shown & left
    assert contracts("clean", url, "--from", "results.json").exit_code == 0
    assert app.users == {}


def test_keep_leaves_nothing_where_all_held(contracts, url, tmp_path):
    words = ("--keep", "--settle", "0", "--only", GUID, "--output", tmp_path)

    result = contracts("run", "--target", url, *words)

    assert result.exit_code == 0
    assert json.loads((tmp_path / "results.json").read_text())["left_behind"] == []


def test_keep_needs_a_target_that_stays(contracts):
    result = contracts("run", "--keep")

    assert result.exit_code == 2
    assert "the bundled mock ends with the run: give --target" in result.stderr


def test_the_document_of_the_run_judges_again(contracts, tmp_path):
    """A copy that allows 20 tags: the server, which takes 25, breaks it; the contract it holds."""
    written = openapi.load()
    written["components"]["schemas"]["Tags"]["maxItems"] = 20
    (tmp_path / "changed.json").write_text(json.dumps(written), encoding="utf-8")
    words = ("--only", LIMIT, "--settle", "0", "--output", ".")
    with serving(App()) as url:
        contracts("run", "--target", url, "--document", "changed.json", *words)
        again = contracts("replay", ".")
        (tmp_path / "changed.json").rename(tmp_path / "moved.json")
        lost = contracts("replay", ".")
        found = contracts("replay", ".", "--document", "moved.json")

    assert (again.exit_code, found.exit_code) == (1, 1), again.output
    assert "broken" in again.output
    assert lost.exit_code == 2
    assert "judged by changed.json, which is not here: give it with --document" in lost.stderr
