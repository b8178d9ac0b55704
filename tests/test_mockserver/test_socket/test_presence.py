"""Presence: who comes and goes, for those who have asked."""

from __future__ import annotations

import pytest


def _presence(client):
    found = [one for one in client.hear_all() if one["type"] == "presence"]
    return [(one["sender"], one["body"]["action"]) for one in found]


def test_a_user_who_comes_and_goes_is_told_to_those_who_asked(socket):
    ana = socket.log_in("ana", presenceSubscription="ALL_USERS")
    dan = socket.log_in("dan")
    ana.hear_all()

    first, second = socket.log_in("bo"), socket.log_in("bo")
    first.connection.close()
    seen = _presence(ana)
    second.connection.close()
    gone = ana.hear()

    assert (seen, dan.hear_all()) == ([("bo", "online")], [])
    assert (gone["sender"], gone["body"]["action"]) == ("bo", "offline")
    assert gone["body"]["user"]["name"] == "Bo Chen"


@pytest.mark.parametrize(("roles", "heard"), [(["default"], 1), (["admin"], 0), ([], 0)])
def test_by_roles_only_users_with_one_of_them_are_told_of(socket, roles, heard):
    ana = socket.log_in("ana", presenceSubscription="ROLES", roles=roles)

    socket.log_in("bo")

    assert len(_presence(ana)) == heard


def test_one_who_asks_about_friends_is_told_that_there_are_none(socket, caplog):
    """T17: the mock plays no friends."""
    ana = socket.log_in("ana", presenceSubscription="FRIENDS")

    socket.log_in("bo")

    assert _presence(ana) == []
    assert "ana asks for the presence of friends. The mock plays no friends" in caplog.text


def test_a_status_that_the_control_plane_sets_is_told(socket):
    ana = socket.log_in("ana", presenceSubscription="ALL_USERS")

    for status in ("online", "offline"):
        socket.api.client.put("/_mock/presence", json={"uid": "bo", "status": status})
    socket.settle()

    assert _presence(ana) == [("bo", "online"), ("bo", "offline")]


def test_another_change_of_a_user_is_not_about_presence(socket):
    ana = socket.log_in("ana", presenceSubscription="ALL_USERS")

    socket.api.put("/users/bo", json={"name": "Robert"})
    socket.settle()

    assert ana.hear_all() == []


def test_one_who_is_blocked_does_not_learn_of_the_other(socket):
    bo = socket.log_in("bo", presenceSubscription="ALL_USERS")
    socket.api.post("/users/bo/blockedusers", json={"blockedUids": ["ana"]})

    socket.log_in("ana")

    assert bo.hear_all() == []
