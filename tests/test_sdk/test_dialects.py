"""What works with the vendor's SDK in each dialect, and what cannot."""

from __future__ import annotations

import pytest

# The documented dialect follows the overview page where the live service, and so the SDK, differs.
DIFFERENCES = {
    "documented": {
        # readings B1: 404 ERR_CONVERSATION_NOT_FOUND, where the service refuses access
        "a conversation that never was",
        # readings B9: a reset conversation stays, where the service takes it out of view
        "delete a conversation",
    },
    "live": set(),
}


@pytest.mark.parametrize("dialect", list(DIFFERENCES))
def test_the_checks_fail_exactly_where_the_readings_differ(run_checks, dialect):
    results = run_checks(dialect)

    failed = {
        name: (one["error"], one["requests"]) for name, one in results.items() if one["error"]
    }

    assert set(failed) == DIFFERENCES[dialect], failed


@pytest.mark.parametrize("dialect", list(DIFFERENCES))
def test_every_check_was_run(run_checks, names, dialect):
    assert list(run_checks(dialect)) == names
    assert len(names) >= 42


def test_over_https_every_check_ends_as_it_does_over_http(https_results, names):
    """The SDK's own addresses, with a local authority that Node was told of."""
    failed = {name: one["error"] for name, one in https_results.items() if one["error"]}

    assert list(https_results) == names
    assert set(failed) == DIFFERENCES["live"], failed


def test_no_request_was_answered_by_a_failure_of_the_mock(run_checks):
    requests = [each for one in run_checks("documented").values() for each in one["requests"]]

    assert requests
    assert [each for each in requests if " -> 5" in each] == []
