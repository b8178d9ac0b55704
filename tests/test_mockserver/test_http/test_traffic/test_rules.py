"""Rules match as usual, and have no builder of addresses."""

from __future__ import annotations

import pytest
from werkzeug.routing import Map

from duologue.mockserver.http.traffic.rules import MatchingRule


@pytest.fixture
def bound():
    rules = [MatchingRule("/a/<name>", endpoint="a"), MatchingRule("/a/me", endpoint="me")]
    return Map(rules).bind("localhost")


@pytest.mark.parametrize(
    ("path", "found"), [("/a/me", ("me", {})), ("/a/b%2Fc", ("a", {"name": "b%2Fc"}))]
)
def test_a_path_is_matched(bound, path, found):
    assert bound.match(path) == found


def test_no_address_is_built(bound):
    with pytest.raises(NotImplementedError, match="/a/me"):
        bound.build("me")
