"""Mocks of the command line with their state in the database that the tests run with."""

from __future__ import annotations

import pytest

from duologue.mockserver.settings import STATE_VARIABLE


@pytest.fixture(autouse=True)
def state_variable(new_state, monkeypatch):
    """Name an empty database of this test to the mocks that it starts; none with SQLite."""
    url = new_state()
    if url is not None:
        monkeypatch.setenv(STATE_VARIABLE, url)
