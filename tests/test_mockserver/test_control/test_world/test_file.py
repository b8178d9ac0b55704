"""Worlds in files: print, edit and start with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import yaml
from click.testing import CliRunner

from duologue.fixtures.worlds import make
from duologue.mockserver.cli import cli
from duologue.mockserver.control.world import file
from duologue.mockserver.control.world.file import WorldFileBroken
from support.waiting import WITHIN_S

WORLD = """
name: mine
users: [ana, bo]
messages:
  - {from: bo, to: {user: ana}, text: Hi}
"""


def printed(*args):
    done = CliRunner().invoke(cli, ["world", *args])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_world_is_printed():
    """By name and seed, in YAML or JSON."""
    text = printed("examples")

    assert yaml.safe_load(text) == json.loads(printed("examples", "--format", "json"))
    assert text.startswith("name: examples\n")
    assert printed("--seed", "1") != printed("--seed", "2")


def test_what_was_printed_is_the_same_world(control_of, tmp_path):
    """Started from the file, the mock has the same state."""
    path = tmp_path / "inbox.yaml"
    path.write_text(printed("inbox"), "utf-8")

    read, made = file.text(file.read(path), "yaml"), file.text(make("inbox", 42), "yaml")

    assert read == made == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("w.yaml", "users: [", "the file is no YAML: "),
        ("w.json", "{", "the file is no JSON: "),
        ("w.yaml", "people: []", "'people' was unexpected"),
        ("w.yaml", "[]", "the file: "),
        (
            "w.yml",
            "messages: [{from: x, to: {user: y}, text: Hi}]",
            "messages.0.from: No user has the uid x.",
        ),
        ("w.yaml", f"users: {['a b'] * 9}", "And 4 more."),
        ("w.yaml", "name: w\nusers:\n  - ana\n  - 7\n", "line 4, column 5: users.1: "),
        ("w.json", '{"users":\n [{"uid": "a b"}]}', "line 2, column 4: users.0"),
        ("w.yaml", "users: [ana]\nusers: [bo]\n", "the key users is there twice, line 2, column 1"),
        ("w.json", '{"users": [], "users": []}', "the key users is there twice"),
        ("w.yaml", "messages: [{from: a, to: {user: b}, text: Hi, at: 2026-13-01}]", "is no time"),
        (
            "w.yaml",
            "users: [ana]\nmessages: [{from: ana, to: ana}]",
            '"ana" is not of type "object". Write to: {user: ana}, or to: {group: ana}.',
        ),
    ],
)
def test_a_file_that_holds_no_world(tmp_path, name, text, reason):
    """One sentence with the file and the paths of the mistakes."""
    path = tmp_path / name
    path.write_text(text)

    with pytest.raises(WorldFileBroken) as refused:
        file.read(path)

    assert str(refused.value).startswith(f"{path} is no world: ")
    assert reason in refused.value.reason


def test_a_file_that_is_not_there(tmp_path):
    """Like any other unreadable file."""
    with pytest.raises(WorldFileBroken, match="No such file"):
        file.read(tmp_path / "none.yaml")


def test_a_mock_starts_with_a_file_and_says_who_may_drive_it(tmp_path):
    """Off loopback only with the token; a reset restores the file's world."""
    path = tmp_path / "mine.yaml"
    path.write_text(WORLD)
    command = [
        sys.executable,
        "-m",
        "duologue.mockserver",
        "serve",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
    ]
    command += ["--world", str(path), "--print-url", "json", "--control-token-env", "TOKEN"]
    mock = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TOKEN": "sesame"},
    )
    try:
        where = json.loads(mock.stdout.readline())["control"]
        reset = urllib.request.Request(f"{where}/reset", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(reset)
        reset.add_header("x-control-token", "sesame")
        with urllib.request.urlopen(reset) as answer:
            summary = json.load(answer)["data"]
    finally:
        mock.terminate()
        _, output = mock.communicate(timeout=WITHIN_S)

    assert refused.value.code == 401
    assert summary == {"world": "mine"}
    assert "x-control-token" in output
    assert "sesame" not in output


@pytest.mark.parametrize("token", [None, ""])
def test_a_token_that_is_not_there(token, monkeypatch):
    """A missing token ends the start."""
    monkeypatch.delenv("NO_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("NO_TOKEN", token)
    done = CliRunner().invoke(cli, ["serve", "--port", "0", "--control-token-env", "NO_TOKEN"])

    assert done.exit_code != 0
    assert "--control-token-env NO_TOKEN" in str(done.exception)
