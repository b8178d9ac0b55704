"""A project that uses the plugin, run as its owner would: in its folder, on two workers.

`tox -e consumer` runs the same project in an environment that has the wheel and nothing else of
ours. There the plugin comes by its entry point.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).with_name("project")
# Whatever else this environment has installed is none of that project's.
PLUGINS = ("-p", "xdist", "-p", "duologue.mockserver.testing.plugin", "-p", "no:cacheprovider")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("-n", "2")`: the project's tests, from a copy of it elsewhere."""
    place = shutil.copytree(PROJECT, tmp_path / "sidebar")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *PLUGINS, *words],
            cwd=place,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


def passed(result: subprocess.CompletedProcess[str]) -> int:
    """How many passed; nothing else may have happened."""
    assert result.returncode == 0, result.stdout + result.stderr
    counts = re.search(r"(\d+) passed in", result.stdout)
    assert counts, result.stdout
    return int(counts[1])


def test_a_hundred_tests_on_two_workers_are_isolated(run: Run) -> None:
    """Each asserts the seeded value, changes it and asserts again; without a warning."""
    assert passed(run("-n", "2", "checks/test_isolation.py")) == 100


def test_a_hundred_tests_in_another_order_are_isolated(run: Run) -> None:
    """In one process, the last test first."""
    assert passed(run("-p", "checks.backwards", "checks/test_isolation.py")) == 100


def test_the_fixtures_do_what_they_say(run: Run) -> None:
    """Worlds, clock, faults, journal, dialect, limits: the project's own tests."""
    assert passed(run("checks/test_sidebar.py")) > 10
