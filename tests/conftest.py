"""Marks of this project's tests: what needs PyPI, and what may be tried a second time."""

from __future__ import annotations

import os

import pytest

PYPI = "DUOLOGUE_PYPI"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what installs from PyPI, unless it is asked for."""
    skip = pytest.mark.skip(reason=f"installs from PyPI: tox -e consumer, or set {PYPI}=1")
    for item in items:
        if item.get_closest_marker("needs_pypi") and not os.environ.get(PYPI):
            item.add_marker(skip)
