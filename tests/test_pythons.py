"""A test marked one_python is run by one of the Pythons that CI names, and by any other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.pythons import PYTHONS, ROOMS, here, is_run_by

ROOT = Path(__file__).parents[1]
NAMES = [f"tests/test_one.py::test_it[{number}]" for number in range(300)]
MARKED = "tests/test_contracts/test_staging.py"
IN_A_ROOM = "tests/test_openapi/test_citations.py"
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
    """Return the names of the tests of a module that this Python would run."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", module],
        cwd=ROOT,
        env={**os.environ, PYTHONS: pythons, "DUOLOGUE_ENGINES": "sqlite postgresql"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return set(re.findall(r"^tests/.*::.*$", told, re.MULTILINE))


@pytest.mark.parametrize("module", [MARKED, IN_A_ROOM])
def test_pytest_leaves_out_what_another_python_runs(module):
    whole = collected("", module=module)
    mine = collected(f"{here()} another", module=module)
    others = {name for name in whole if not is_run_by(here(), name, pythons=[here(), "another"])}

    assert mine
    assert others
    assert mine == whole - others


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_there(room):
    assert (ROOT / room).exists()


def test_what_only_some_pythons_have_an_engine_for_is_run_where_it_is():
    whole = collected("", module=ON_ENGINES)
    mine = collected(f"{here()} another", module=ON_ENGINES)
    on_postgresql = {name for name in whole if "postgresql" in name}

    assert on_postgresql
    assert on_postgresql <= mine
    assert mine < whole


def named(folder: Path, *, works: str, broken: str = "") -> dict[str, str]:
    """Return what CI tells pytest and tox where these Pythons are on the path."""
    for version in (works + " " + broken).split():
        file = folder / f"python{version}"
        file.write_text(f"#!/bin/sh\nexit {int(version in broken.split())}\n", encoding="utf-8")
        file.chmod(0o755)
    bash = shutil.which("bash")
    assert bash is not None
    printed = subprocess.run(
        [bash, "-euc", 'PATH="$1"; . .ci/pythons; export -p', "bash", str(folder)],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(re.findall(r'^declare -x ((?:DUOLOGUE|TOX)_\w+)="(.*)"$', printed, re.MULTILINE))


STRICT = {"TOX_SKIP_MISSING_INTERPRETERS": "false"}


def test_tox_leaves_out_no_python_that_has_a_part_of_the_tests(tmp_path):
    seen = named(tmp_path, works="3.11 3.13", broken="3.12")

    left_out = {"TOX_SKIP_ENV": "^(py312)\\$"}  # as bash writes it
    assert seen == STRICT | {PYTHONS: "3.11 3.13"} | left_out


def test_the_oldest_libraries_are_left_out_without_their_python(tmp_path):
    seen = named(tmp_path, works="3.12 3.13")

    left_out = {"TOX_SKIP_ENV": "^(py311|lowest)\\$"}
    assert seen == STRICT | {PYTHONS: "3.12 3.13"} | left_out


def test_tox_leaves_out_nothing_where_all_pythons_are(tmp_path):
    seen = named(tmp_path, works="3.11 3.12 3.13")

    assert seen == STRICT | {PYTHONS: "3.11 3.12 3.13"}


def test_tests_that_no_python_could_run_fail(tmp_path):
    assert named(tmp_path, works="") == STRICT | {PYTHONS: ""}


def test_ci_asks_for_the_pythons_before_the_tests():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    before, _, _ = script.partition(".venv/bin/tox")
    assert "\n. .ci/pythons\n" in before
