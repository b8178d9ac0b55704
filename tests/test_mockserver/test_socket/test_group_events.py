"""Group actions: who hears what of them, in both dialects."""

from __future__ import annotations

import pytest

from duologue.mockserver.socket.delivery import Context
from duologue.mockserver.socket.group_events import of_members

OF_DAN = "/groups/two/members/dan"


@pytest.fixture
def group(socket):
    """A group of ana's, with bo; both are connected and have heard nothing yet."""
    clients = socket.log_in("ana"), socket.log_in("bo")
    body = {"guid": "two", "name": "Two", "type": "public"}
    socket.api.post("/groups", as_="ana", json=body)
    socket.api.post("/groups/two/members", as_="ana", json={"participants": ["bo"]})
    socket.settle()
    for each in clients:
        each.hear_all()
    return clients


def _of(frame):
    body = frame["body"]
    entities = body["data"]["entities"]
    assert (body["category"], body["type"]) == ("action", "groupMember")
    assert (frame["receiverType"], frame["receiver"]) == ("group", "two")
    assert entities["for"]["entity"]["guid"] == "two"
    return entities["by"]["entity"]["uid"], body["data"]["action"], entities["on"]["entity"]["uid"]


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_each_action_is_heard_by_the_members_and_by_the_one_it_was_done_to(socket, group, dialect):
    _, bo = group
    dan = socket.log_in("dan")
    socket.api.client.put("/_mock/dialect", json={"dialect": dialect})
    calls = [
        ("POST", "/groups/two/members", {"participants": ["dan"]}, "ana"),
        ("PUT", OF_DAN, {"scope": "moderator"}, "ana"),
        ("DELETE", OF_DAN, None, "ana"),
        ("POST", "/groups/two/members", {}, "dan"),
        ("POST", "/groups/two/bannedusers/dan", None, "ana"),
        ("DELETE", "/groups/two/bannedusers/dan", None, "ana"),
        ("PUT", "/groups/two/members", {"participants": ["dan"]}, "dan"),
        ("DELETE", "/groups/two/members", None, "dan"),
    ]
    heard = []

    for method, path, body, caller in calls:
        answer = socket.api.call(method, path, as_=caller, json=body)
        assert answer.status_code == 200, (method, path, answer.get_data(as_text=True))
        socket.settle()
        (to_bo,), (to_dan,) = bo.hear_all(), dan.hear_all()
        assert _of(to_bo) == _of(to_dan)
        heard.append(_of(to_bo))
        assert ("id" in to_bo["body"]) == (dialect == "live")

    assert heard == [
        ("ana", "added", "dan"),
        ("ana", "scopeChanged", "dan"),
        ("ana", "kicked", "dan"),
        ("dan", "joined", "dan"),
        ("ana", "banned", "dan"),
        ("ana", "unbanned", "dan"),
        ("dan", "joined", "dan"),
        ("dan", "left", "dan"),
    ]


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_a_change_of_scope_says_from_what_to_what(socket, group, dialect):
    _, bo = group
    socket.api.client.put("/_mock/dialect", json={"dialect": dialect})

    for scope in ("admin", "moderator"):
        socket.api.put("/groups/two/members/bo", as_="ana", json={"scope": scope})
    socket.settle()

    assert [frame["body"]["data"]["extras"] for frame in bo.hear_all()] == [
        {"scope": {"new": "admin", "old": "participant"}},
        {"scope": {"new": "moderator", "old": "admin"}},
    ]


class Nobody:
    """An audience of a group in which one user is connected."""

    def members(self, _guid):
        return frozenset({"bo"})

    def present(self, *_uids):
        return frozenset()


def test_each_action_is_told_for_itself_though_all_are_stored_by_then(socket, group):
    """Frames are made after the answers: by then the same may be done to the user again."""
    socket.api.client.put("/_mock/dialect", json={"dialect": "live"})
    for scope in ("admin", "moderator", "admin"):
        socket.api.put("/groups/two/members/bo", as_="ana", json={"scope": scope})
    inside = socket.parts
    context = Context(Nobody(), inside.dispatcher.runtime.service.reading)

    told = [
        delivery.frame["body"]["data"]["extras"]["scope"]
        for entry in inside.controls.journal
        if entry.operation_id == "updateMember"
        for delivery in of_members(context, entry)
    ]

    assert sorted(each["new"] + " after " + each["old"] for each in told) == [
        "admin after moderator",
        "admin after participant",
        "moderator after admin",
    ]


def test_members_named_at_the_creation_hear_that_they_were_added(socket):
    bo = socket.log_in("bo")
    body = {"guid": "two", "name": "Two", "type": "public", "members": {"participants": ["bo"]}}

    socket.api.post("/groups", as_="ana", json=body)
    socket.settle()
    (frame,) = bo.hear_all()

    assert _of(frame) == ("ana", "added", "bo")


def test_one_who_could_not_be_added_hears_nothing(socket, group):
    _, bo = group

    socket.api.post("/groups/two/members", as_="ana", json={"participants": ["bo", "nobody"]})
    socket.settle()

    assert bo.hear_all() == []
