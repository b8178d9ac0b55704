"""``contracts compare``: exit codes, and one sentence for what cannot be compared."""

import json

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving

QUICK = ("--settle", "0", "--only", "errors.guid-not-found", "--only", "errors.uid-not-found")


@pytest.fixture
def contracts(monkeypatch):
    """``contracts("compare", …)``: the result of that command, with a key in the environment."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.setenv("GITHUB_SHA", "0123456789abcdef")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def run(contracts, tmp_path):
    """``run(name, app)``: the folder with the results of a run against a server."""

    def run(name, app):
        with serving(app) as url:
            contracts("run", "--target", url, "--output", tmp_path / name, *QUICK)
        return tmp_path / name

    return run


def without_refusals():
    """Return a server that knows every group."""
    return App(overrides={"group": lambda self, guid: self.groups.setdefault(guid, {})})


def test_only_what_is_new_fails(contracts, run):
    """A change of the server breaks a clause: red once, then it is known."""
    base, head, again = (
        run("base", App()),
        run("head", without_refusals()),
        run("again", without_refusals()),
    )

    broken = contracts("compare", base, head)
    still = contracts("compare", head / "results.json", again)
    repaired = contracts("compare", head, base)

    assert broken.exit_code == 1
    assert "NEWLY BROKEN errors.guid-not-found (was held)" in broken.output
    assert "base (0123456789ab)" in broken.output
    assert (still.exit_code, repaired.exit_code) == (0, 0)
    assert "1 still broken" in still.output
    assert "1 repaired" in repaired.output


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github"])
def test_each_format_is_written(contracts, run, form):
    base, head = run("base", App()), run("head", without_refusals())

    result = contracts("compare", base, head, "--format", form)

    assert result.exit_code == 1
    assert "errors.guid-not-found" in result.output
    if form == "json":
        assert json.loads(result.output)["summary"]["newly_broken"] == 1


def test_what_cannot_be_read_is_2(contracts, run, tmp_path):
    base = run("base", App())

    result = contracts("compare", base, tmp_path / "absent")

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("contracts: ")
    assert "name the results.json that 'contracts run --output DIR' wrote" in line


def test_a_shard_is_not_compared(contracts, tmp_path):
    """What it did not judge is not known: two shards would have nothing in common."""
    with serving(App()) as url:
        for index in (1, 2):
            words = ("--shard", f"{index}/2", "--output", tmp_path / str(index), *QUICK)
            contracts("run", "--target", url, *words)
    contracts("merge", tmp_path / "1", tmp_path / "2", "--output", tmp_path / "whole")

    part = contracts("compare", tmp_path / "1", tmp_path / "2")
    whole = contracts("compare", tmp_path / "whole", tmp_path / "whole")

    assert part.exit_code == 2
    assert "it is shard 1/2, a part of a run: put all parts together" in part.stderr
    assert whole.exit_code == 0, whole.output
