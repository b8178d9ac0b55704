"""Runs where little can be written and less can be shown (case T13): they work, or say why not."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving

# As on a read-only root file system: no folder for temporary files, with and without memory's.
NO_FOLDER = """
import os, tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found")
tempfile._get_default_tempdir = none
"""
NO_MEMORY = """
allowed = os.access
os.access = lambda path, *mode, **how: str(path) != "/dev/shm" and allowed(path, *mode, **how)
"""


def without_four_bytes(self, tags):
    return [tag for tag in tags if max(tag) < "\U00010000"]


def test_a_finding_that_the_terminal_cannot_show_is_escaped(monkeypatch):
    """Standard output in cp1252, as on Windows in a pipe."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    with serving(App(overrides={"validated_tags": without_four_bytes})) as url:
        options = ("--settle", "0", "--only", "key-behaviors.tags-are-utf8mb4")
        result = CliRunner(charset="cp1252").invoke(
            main, ["run", "--target", url, *options, "--report", "github"]
        )

    assert result.exit_code == 1, result.output
    assert r"\U0001f382" in result.stdout


@pytest.fixture
def python(tmp_path):
    """``python(customization, *words)``: those words of an interpreter that is changed so."""

    def run(customization, *words):
        (tmp_path / "sitecustomize.py").write_text(customization)
        return subprocess.run(
            [sys.executable, "-m", *words],
            env=os.environ | {"PYTHONPATH": str(tmp_path), "CONTRACTS_API_KEY": "k"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_run_needs_no_folder_of_its_own(python):
    """The generated half, too, which keeps nothing between runs."""
    only = ("--only", "walk.*", "--only", "document.*", "--only", "errors.envelope")
    with serving(App()) as url:
        options = ("--target", url, "--max-examples", "1", "--phases", "examples")
        result = python(NO_FOLDER, "duologue.contracts", "run", *options, *only)

    assert (result.returncode, result.stderr) == (0, ""), result.stdout + result.stderr


@pytest.mark.parametrize(
    "words",
    [("duologue.contracts", "run"), ("duologue.mockserver", "serve", "--port", "0")],
    ids=["contracts", "mockserver"],
)
def test_a_mock_that_can_write_nowhere_says_so(python, words):
    """One sentence that names the fix, and exit code 2."""
    result = python(NO_FOLDER + NO_MEMORY, *words)

    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "set TMPDIR" in result.stderr
