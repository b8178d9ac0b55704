"""``contracts drill``."""

import json
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from duologue.contracts.drill.command import choose
from duologue.contracts.drill.driven_mock import FaultInfo
from duologue.contracts.drill.errors import FaultNotFound
from duologue.contracts.reports.matrix import schema
from support.documents.drill_matrices import ONE


def test_an_unknown_fault_is_refused_with_a_hint():
    known = (FaultInfo("read-is-for-all", ONE, "…"),)

    with pytest.raises(FaultNotFound, match="did you mean read-is-for-all"):
        choose(known, ("read-is-for-al",))


def test_faults_are_chosen_by_name():
    known = tuple(FaultInfo(name, ONE, "…") for name in ("a", "b", "c"))

    assert [each.name for each in choose(known, ("c", "a", "c"))] == ["c", "a"]
    assert choose(known, ()) == known


def drill(*options):
    return subprocess.run(
        [sys.executable, "-m", "duologue.contracts", "drill", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_a_drill_of_two_faults(tmp_path):
    """The command runs faults on mocks of its own and writes the reports."""
    names = ("read-user-does-nothing", "created-at-is-now")
    done = drill("--fault", names[0], "--fault", names[1], "--output", str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 faults killed by their own clause, 0 survived" in done.stdout
    document = json.loads((tmp_path / "drill.json").read_text())
    assert list(Draft202012Validator(schema()).iter_errors(document)) == []
    assert [fault["name"] for fault in document["faults"]] == list(names)
    assert all(fault["finding"]["calls"] for fault in document["faults"])
    assert "read-user-does-nothing" in (tmp_path / "drill.html").read_text()


def test_a_drill_of_an_unknown_fault_is_not_made():
    done = drill("--fault", "nothing-of-that-name")

    assert done.returncode == 2
    assert done.stderr.startswith("contracts: no fault is called 'nothing-of-that-name'")
