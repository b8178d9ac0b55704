"""What a refused world document says about what was probably meant."""

from __future__ import annotations

import pytest

from duologue.mockserver.control.world.hints import hint, near


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("messages.0.to", "ana", " Write to: {user: ana}, or to: {group: ana}."),
        ("copies.3.with", "bo", " Write with: {user: bo}, or with: {group: bo}."),
        ("messages.0.to", {"uid": "ana"}, " Write to: {user: ana}."),
        ("messages.0.to", {"guid": "hikers"}, " Write to: {group: hikers}."),
        ("messages.0.to", {"uid": "ana", "guid": "hikers"}, ""),
        ("messages.0.to", ["ana"], ""),
        ("messages.0.to", "", ""),
        ("conversations.0.between", "ana", " Write between: [ana, ...] with both uids."),
        ("users.0.name", 7, ""),
    ],
)
def test_a_place_and_how_to_write_it(place, value, said):
    assert hint(place, value) == said


def test_an_id_like_one_that_is_known():
    assert near("anna", ["ana", "bo"]) == " Did you mean ana?"
    assert near("zoe", ["ana", "bo"]) == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"from": "bob", "to": {"user": "ana"}}, "No user has the uid bob. Did you mean bo?"),
        ({"from": "bo", "to": {"group": "hiker"}}, "Did you mean hikers?"),
        ({"from": "bo", "to": {"user": "hikers"}}, "hikers is a group: write to: {group: hikers}."),
    ],
)
def test_a_message_that_names_what_is_not_there(control, written, said):
    world = {"users": ["ana", "bo"], "groups": [{"guid": "hikers", "members": ["ana"]}]}

    answer = control.ask("PUT", "world", world | {"messages": [written | {"text": "Hi"}]})

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
