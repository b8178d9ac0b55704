"""Tags as one text: packed, unpacked, and found by their exact letters."""

from __future__ import annotations

import itertools

import pytest

from duologue.mockserver.store.tags import key, pack, unpack

ODD = ["\x1f", "\\", "\\u", "\\0", "\\\\", "\0", "a\x1fb", "\\\x1f", "\x1f\\", "a", "aa", "", ","]


@pytest.mark.parametrize("tags", [(), *itertools.product(ODD, repeat=2), tuple(ODD)], ids=ascii)
def test_come_back_as_they_were(tags):
    """Order, repeats and every letter are kept."""
    assert unpack(pack(tags)) == tags


@pytest.mark.parametrize(
    ("kept", "wanted"), list(itertools.permutations(filter(None, ODD), 2)), ids=ascii
)
def test_one_is_not_taken_for_another(kept, wanted):
    """A tag is found where it is, and no other is found in its place."""
    assert key(kept) in pack(("x", kept, "y"))
    assert key(wanted) not in pack(("x", kept, "y"))
