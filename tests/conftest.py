"""What holds for all tests: marks, and that none leaves garbage collection off."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from support import pythons

PYPI = "DUOLOGUE_PYPI"
# How a browser fails that does not start. What fails once it runs is never run twice, not even a
# step whose time was up: what hangs once in a while there is a race.
NOT_STARTED = (r"BrowserType\.launch: ",)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what installs from PyPI unless it is asked for; let a browser start a second time.

    Leave out what another of the Pythons that CI names runs.
    """
    items[:], others = pythons.of_this_python(items)
    if others:
        config.hook.pytest_deselected(items=others)
    skip = pytest.mark.skip(reason=f"installs from PyPI: tox -e consumer, or set {PYPI}=1")
    twice = config.pluginmanager.hasplugin("rerunfailures")
    for item in items:
        if item.get_closest_marker("needs_pypi") and not os.environ.get(PYPI):
            item.add_marker(skip)
        if twice and item.get_closest_marker("starts_browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=list(NOT_STARTED)))


def pytest_report_header() -> str | None:
    """Tell which Pythons share the tests marked one_python."""
    named = ", ".join(os.environ.get(pythons.PYTHONS, "").split())
    return f"each test marked {pythons.MARK} is run by one Python of {named}" if named else None


@pytest.fixture(autouse=True)
def garbage_collection() -> Iterator[None]:
    """Fail a test that leaves garbage collection off: the tests after it would fill the memory."""
    yield
    is_on = gc.isenabled()
    gc.enable()
    assert is_on
