"""The file of a state that is removed, replaced or emptied while the mock runs."""

from __future__ import annotations

import pytest

from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.store.state_file import StateFile
from duologue.mockserver.store.state_urls import file_url
from duologue.mockserver.store.store import Store


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"rows")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.rename(path.with_name("away")), "was removed .* GET /_mock/world"),
        (
            lambda path: (path.rename(path.with_name("away")), path.write_bytes(b"rows")),
            "was replaced .* GET /_mock/world",
        ),
        (lambda path: path.write_bytes(b""), "was emptied .* restore it from a copy"),
    ],
)
def test_what_became_of_the_file_is_told(path, change, said):
    file = StateFile(path)
    file.check()
    change(path)

    with pytest.raises(StateUnavailable, match=said):
        file.check()


def test_a_file_that_is_filled_again_is_the_same(path):
    file = StateFile(path)
    path.write_bytes(b"")
    path.write_bytes(b"rows")

    file.check()


def test_a_connection_to_an_emptied_file_is_refused_at_once(path):
    """SQLite waited for the lock of whoever would be creating it, and named that as the cause."""
    path.unlink()
    store = Store(file_url(path))
    path.write_bytes(b"")
    store.renew()

    with pytest.raises(StateUnavailable, match="was emptied"):
        store.reading()
    store.close()
