"""``contracts clean``: what runs left goes, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving
from support.waiting import happens

OLD, NEW = "duo-0000aaaa-1", "duo-1111bbbb-1"
FOREIGN = ("ana", "duo", "duo-x-1", "duotone-1", "duo-0000AAAA-1x")


@pytest.fixture
def clean(monkeypatch):
    """``clean(url, …)``: the result of that command, with a key in the environment."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    return lambda *words: CliRunner().invoke(main, ["clean", *map(str, words)])


@pytest.fixture
def app():
    """A server with users of two runs, one of them with a group, and users of others."""
    app = App()
    now = int(time.time())
    for uid, at in ((OLD, now - 7200), (NEW, now), *((uid, now - 7200) for uid in FOREIGN)):
        app.users[uid] = {"uid": uid, "name": uid, "createdAt": at}
    app.groups["duo-0000aaaa-2"] = {"guid": "duo-0000aaaa-2", "createdAt": now - 7200}
    app.members["duo-0000aaaa-2"] = {}
    return app


@pytest.fixture
def url(app):
    with serving(app) as address:
        yield address


def test_the_folder_of_a_results_json_names_what_is_removed(clean, app, url, tmp_path):
    """As `contracts compare` and its like take it."""
    (tmp_path / "results.json").write_text(json.dumps({"left_behind": [f"user {OLD} (500)"]}))

    assert clean(url, "--from", tmp_path).exit_code == 0
    assert set(app.users) == {*FOREIGN, NEW}


@pytest.mark.parametrize(
    ("words", "left"),
    [((), ()), (("--run", "0000aaaa"), (NEW,)), (("--older-than", "1h"), (NEW,))],
    ids=["all", "of one run", "older ones"],
)
def test_what_runs_left_is_removed_and_nothing_else(clean, app, url, words, left):
    result = clean(url, *words)

    assert result.exit_code == 0, result.output
    assert set(app.users) == {*FOREIGN, *left}
    assert app.groups == {}


def test_a_dry_run_lists_only(clean, app, url):
    before = set(app.users)
    result = clean(url, "--dry-run")

    assert result.output.splitlines() == [
        "group duo-0000aaaa-2",
        f"user {OLD}",
        f"user {NEW}",
        "3 to remove",
    ]
    assert set(app.users) == before


def test_a_report_names_what_is_to_be_removed(clean, app, url, tmp_path):
    """Ids that no run of the suite makes are left alone, though the file names them."""
    path = tmp_path / "results.json"
    left = [f"user {OLD} (the run was ended)", "user ana (edited)", "nonsense"]
    path.write_text(json.dumps({"left_behind": left}))

    assert clean(url, "--from", path).exit_code == 0
    assert set(app.users) == {*FOREIGN, NEW}


@pytest.mark.parametrize(
    ("words", "sentence_part"),
    [
        (("--older-than", "soon"), "write it like 90s, 30m, 1h or 2d"),
        (("--from", __file__), "is no results.json"),
    ],
)
def test_what_cannot_be_understood_is_2(clean, url, words, sentence_part):
    result = clean(url, *words)

    assert result.exit_code == 2
    assert sentence_part in result.stderr


def test_what_stays_is_told(clean, app, url):
    app.forget_user = lambda uid: 1 // 0
    result = clean(url, "--run", "1111bbbb")

    assert result.exit_code == 1
    assert f"left behind: user {NEW} (500" in result.output


def test_a_killed_run_is_cleaned_up_after():
    """After kill -9 in the middle of a run."""
    app = App()
    command = [sys.executable, "-P", "-m", "duologue.contracts"]
    environment = {**os.environ, "CONTRACTS_API_KEY": "k"}
    with serving(app) as url:
        before = set(threading.enumerate())
        process = subprocess.Popen(
            [*command, "run", "--target", url, "--only", "key-behaviors.full-group-still-counts"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        assert happens(lambda: len(app.users) >= 40)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # What it has asked for by then is still being answered.
        assert happens(lambda: set(threading.enumerate()) <= before)
        cleaned = subprocess.run(
            [*command, "clean", url], env=environment, capture_output=True, check=False
        )

    assert cleaned.returncode == 0, cleaned.stderr
    assert (app.users, app.groups) == ({}, {})
