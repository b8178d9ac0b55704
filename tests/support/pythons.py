"""Which Python runs a test that is of one Python alone, where several run the tests."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Sequence

import pytest

PYTHONS = "DUOLOGUE_PYTHONS"  # such as "3.11 3.12 3.13"; without it each Python runs all tests
MARK = "one_python"
# Rooms whose tests ask a server over HTTP, read documents or start our commands: their tests are
# treated as marked. A part of each room is run by each Python.
ROOMS = (
    "tests/test_arrows.py",
    "tests/test_contracts/test_cli.py",
    "tests/test_contracts/test_commands/",
    "tests/test_contracts/test_compare/",
    "tests/test_contracts/test_context/",
    "tests/test_contracts/test_diff/",
    "tests/test_contracts/test_differential.py",
    "tests/test_contracts/test_drill/",
    "tests/test_contracts/test_hostile_targets.py",
    "tests/test_contracts/test_plugin.py",
    "tests/test_contracts/test_reaching_a_target.py",
    "tests/test_contracts/test_reports/",
    "tests/test_contracts/test_run/",
    "tests/test_contracts/test_servers/",
    "tests/test_contracts/test_stateful/",
    "tests/test_document_in_use.py",
    "tests/test_mockserver/test_cli.py",
    "tests/test_mockserver/test_clients/",
    "tests/test_mockserver/test_control/",
    "tests/test_mockserver/test_dialect/",
    "tests/test_mockserver/test_http/",
    "tests/test_mockserver/test_inspector/",
    "tests/test_mockserver/test_rules/",
    "tests/test_mockserver/test_serving/test_shared_state.py",
    "tests/test_mockserver/test_testing/test_plugin.py",
    "tests/test_mockserver/test_variants.py",
    "tests/test_openapi/",
    "tests/test_packaging.py",
    "tests/test_pythons.py",
    "tests/test_readme.py",
    "tests/test_supply_chain.py",
)


def here() -> str:
    """Return the version of this Python as `DUOLOGUE_PYTHONS` names it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def is_run_by(version: str, name: str, *, pythons: Sequence[str]) -> bool:
    """Return whether this version runs the test of that name; one of the `pythons` does.

    A version that is none of them runs all.
    """
    if version not in pythons:
        return True
    return pythons[zlib.crc32(name.encode()) % len(pythons)] == version


def is_shared(item: pytest.Item) -> bool:
    """Return whether one Python alone runs the test; not every Python has all engines."""
    if not (item.nodeid.startswith(ROOMS) or item.get_closest_marker(MARK)):
        return False
    callspec = getattr(item, "callspec", None)  # there if the test has parameters
    return callspec is None or callspec.params.get("engine", "sqlite") == "sqlite"


def of_this_python(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, and those of one Python alone that another Python runs."""
    pythons = os.environ.get(PYTHONS, "").split()
    mine: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        is_mine = not is_shared(item) or is_run_by(here(), item.nodeid, pythons=pythons)
        (mine if is_mine else others).append(item)
    return mine, others
