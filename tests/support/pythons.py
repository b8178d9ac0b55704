"""Which Python runs a test that is of one Python alone, where several run the tests."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Sequence

import pytest

PYTHONS = "DUOLOGUE_PYTHONS"  # such as "3.11 3.12 3.13"; without it each Python runs all tests
MARK = "one_python"


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
    if item.get_closest_marker(MARK) is None:
        return False
    callspec = getattr(item, "callspec", None)  # there if the test has parameters
    return callspec is None or callspec.params.get("engine", "sqlite") == "sqlite"


def of_this_python(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, and those marked `one_python` that another Python runs."""
    pythons = os.environ.get(PYTHONS, "").split()
    mine: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        is_mine = not is_shared(item) or is_run_by(here(), item.nodeid, pythons=pythons)
        (mine if is_mine else others).append(item)
    return mine, others
