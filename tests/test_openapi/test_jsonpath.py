"""Which places a JSONPath selects, and what is refused rather than guessed."""

import pytest

from duologue.openapi import UnsupportedPath
from duologue.openapi.jsonpath import select

DOCUMENT = {
    "a": {"b c": 1, "x-y": 2},
    "list": [{"id": "one", "n": 1}, {"id": "two", "n": 2}],
    "deep": {"list": [{"id": "one"}], "flag": {"n": True}},
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("$.a.x-y", [2]),
        ("$['a']['b c']", [1]),
        ("$.a.*", [1, 2]),
        ("$.a[*]", [1, 2]),
        ("$.list[1].id", ["two"]),
        ("$.list[2]", []),
        ("$.list.id", []),
        ("$.gone.id", []),
        ("$.list[*].n", [1, 2]),
        ("$..id", ["one", "two", "one"]),
        ("$.deep..['id']", ["one"]),
        ("$..[?@.id == 'one'].n", [1]),
        ("$.list[?@.id == 'two'].n", [2]),
        ("$.list[?@.n == 1].id", ["one"]),
        ("$..[?@.n == true]", [{"n": True}]),
        ("$..[?@.n == 1]", [{"id": "one", "n": 1}]),
        ("$..[?@.id == 'none']", []),
        ("$.deep..*", [[{"id": "one"}], {"n": True}, {"id": "one"}, "one", True]),
    ],
)
def test_a_path_selects(path, values):
    """In the document's order; what is not there selects nothing."""
    assert [place.value for place in select(DOCUMENT, path)] == values


def test_the_root_is_the_whole_document():
    (place,) = select(DOCUMENT, "$")

    assert place.value is DOCUMENT


def test_a_place_is_selected_once():
    """`..` reaches the second list on two ways, `$` and `$.deep`; its id is one place."""
    assert [place.value for place in select(DOCUMENT, "$..*..id")] == ["one", "two", "one"]


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("a.b", 0),
        ("", 0),
        ("$a", 1),
        ("$.a b", 3),
        ("$...a", 1),
        ("$.a[-1]", 3),
        ("$.a[0:2]", 3),
        ("$.a[?length(@) > 1]", 3),
        ("$.a['b','c']", 3),
        ("$.", 1),
    ],
)
def test_what_is_not_read_is_refused_with_its_position(path, at):
    """UnsupportedPath holds the path and where it stops being understood."""
    with pytest.raises(UnsupportedPath) as refused:
        select(DOCUMENT, path)

    assert (refused.value.path, refused.value.at) == (path, at)
