"""A test marked one_python is run by one of the Pythons that CI names, and by any other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.pythons import PYTHONS, here, is_run_by

ROOT = Path(__file__).parents[1]
NAMES = [f"tests/test_one.py::test_it[{number}]" for number in range(300)]
MARKED = "tests/test_contracts/test_servers/test_held_means_seen.py"
ON_ENGINES = "tests/test_mockserver/test_rules/test_malformed.py"


@pytest.mark.parametrize("pythons", [["3.11"], ["3.11", "3.13"], ["3.11", "3.12", "3.13"]])
def test_each_test_is_of_one_python_and_each_python_has_its_share(pythons):
    shares = {each: {n for n in NAMES if is_run_by(each, n, pythons=pythons)} for each in pythons}

    assert sorted(name for share in shares.values() for name in share) == sorted(NAMES)
    assert all(len(share) > len(NAMES) / len(pythons) / 2 for share in shares.values())


@pytest.mark.parametrize("pythons", [[], ["3.11", "3.12"]])
def test_a_python_that_is_not_named_runs_all(pythons):
    assert all(is_run_by("3.13", name, pythons=pythons) for name in NAMES)


def collected(pythons: str, *, module: str = MARKED) -> set[str]:
    """Return the names of the tests of a marked module that this Python would run."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", module],
        cwd=ROOT,
        env={**os.environ, PYTHONS: pythons, "DUOLOGUE_ENGINES": "sqlite postgresql"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return set(re.findall(r"^tests/.*::.*$", told, re.MULTILINE))


def test_pytest_leaves_out_what_another_python_runs():
    whole = collected("")
    mine = collected(f"{here()} another")
    others = {name for name in whole if not is_run_by(here(), name, pythons=[here(), "another"])}

    assert mine
    assert others
    assert mine == whole - others


def test_what_only_some_pythons_have_an_engine_for_is_run_where_it_is():
    whole = collected("", module=ON_ENGINES)
    mine = collected(f"{here()} another", module=ON_ENGINES)
    on_postgresql = {name for name in whole if "postgresql" in name}

    assert on_postgresql
    assert on_postgresql <= mine
    assert mine < whole
