"""Two mappings by their keys."""

from duologue.contracts.diff.rules.pairing import paired


def test_each_key_is_gone_kept_or_added():
    found = paired({"a": 1, "b": 2}, {"b": 3, "c": 4})

    assert (found.gone, found.kept, found.added) == ({"a": 1}, {"b": (2, 3)}, {"c": 4})


def test_the_order_is_that_of_the_old_mapping():
    assert list(paired({"b": 1, "a": 2}, {"a": 3, "b": 4}).kept) == ["b", "a"]
