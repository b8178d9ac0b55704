"""What is unusual in a world, and told."""

from __future__ import annotations

import pytest

from duologue.mockserver.control.world import file
from duologue.mockserver.control.world.doubts import doubts

USERS = ["ana", "bo"]
EMPTY = {"users": USERS, "groups": [{"guid": "g"}]}


def from_bo(**how):
    message = {"from": "bo", "to": {"group": "g"}, "text": "Hi", **how}
    return {"users": USERS, "groups": [{"guid": "g", "members": ["ana"]}], "messages": [message]}


@pytest.mark.parametrize(
    ("world", "places"),
    [
        (EMPTY, ["groups.0"]),
        ({"users": USERS, "groups": [{"guid": "g", "members": ["ana"]}]}, []),
        (from_bo(), ["messages.0.from"]),
        (from_bo(category="action"), []),
        ({"users": USERS, "messages": [{"from": "bo", "to": {"user": "ana"}, "text": "Hi"}]}, []),
        ({}, []),
    ],
)
def test_what_is_unusual(world, places):
    assert [doubt.place for doubt in doubts(world)] == places


def test_a_file_tells_it_with_the_line(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text("users: [ana]\ngroups:\n  - guid: g\n", encoding="utf-8")
    notes = []
    file.read(path, note=notes.append)

    assert notes == [f"{path}: line 3, column 5: groups.0: g has no members, so nobody sees it."]


def test_a_world_that_is_put_tells_it(control):
    assert control.put("world", EMPTY)["notes"] == [
        "groups.0: g has no members, so nobody sees it."
    ]
    assert "notes" not in control.put("world", {"users": USERS})
