"""The URL of a file leads to that file, whatever its name."""

from __future__ import annotations

import pytest

from duologue.mockserver.store import backends
from duologue.mockserver.store.state_urls import file_url
from duologue.mockserver.store.store import Store


@pytest.mark.parametrize(
    "name", ["a", "a b", "a?b=c", "a%20b", "a#b", "a:b@c", "é", "a+b", "a&b;c"]
)
def test_a_url_leads_to_the_file(tmp_path, name):
    path = tmp_path / name
    Store(file_url(path)).close()

    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert backends.file_of(file_url(path)) == path
