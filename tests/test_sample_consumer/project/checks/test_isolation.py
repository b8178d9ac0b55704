"""A hundred tests that all change the same thing, and never see each other's changes."""

import pytest


@pytest.mark.parametrize("number", range(50))
def test_the_world_of_the_start_is_there_again(mockserver, ana, number):
    assert ana.chat("bo")["unreadMessageCount"] == 3

    ana.open("bo")
    assert ana.label("bo", f"seen {number}") == [f"seen {number}"]
    ana.send("bo", f"Message {number}")

    assert ana.chat("bo")["unreadMessageCount"] == 0
    assert ana.chat("bo")["lastMessage"]["data"]["text"] == f"Message {number}"


@pytest.mark.parametrize("number", range(50))
def test_a_world_of_its_own_is_nobody_elses(mockserver, ana, number):
    assert ana.chat("bo")["tags"] == []
    mockserver.clock.freeze(1_800_000_000 + number)
    mockserver.world().dm("ana", "bo", unread=number).load()

    assert ana.badge() == number
    ana.send("bo", "Hello")

    assert ana.chat("bo")["updatedAt"] == 1_800_000_000 + number
    assert ana.chat("bo")["tags"] == []
