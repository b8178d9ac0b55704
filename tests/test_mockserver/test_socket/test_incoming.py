"""What clients say to each other: typing, transient messages, presence."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("kind", ["typing_indicator", "transient_message"])
def test_it_is_passed_on_to_the_user_it_is_for(socket, kind):
    ana, bo, cleo = socket.log_in("ana"), socket.log_in("bo", "tab"), socket.log_in("cleo")
    body = {"action": "started", "user": {"uid": "bo", "name": "Bo"}, "metadata": {"a": [1]}}

    bo.say(kind, body, "ana")
    frame = ana.hear()

    assert frame == {
        "appId": "app",
        "type": kind,
        "deviceId": "tab",
        "sender": "bo",
        "receiver": "ana",
        "receiverType": "user",
        "body": body,
    }
    assert (bo.hear_all(), cleo.hear_all()) == ([], [])


def test_in_a_group_its_members_hear_it(socket):
    ana, bo, cleo = (socket.log_in(uid) for uid in ("ana", "bo", "cleo"))
    socket.api.post("/groups", as_="ana", json={"guid": "two", "name": "Two", "type": "public"})
    socket.api.post("/groups/two/members", json={"participants": ["bo"]})
    socket.settle()
    ana.hear_all(), bo.hear_all()

    bo.say("typing_indicator", {"action": "started"}, "two", "group")
    heard = ana.hear()
    cleo.say("typing_indicator", {"action": "started"}, "two", "group")

    assert (heard["sender"], heard["receiver"]) == ("bo", "two")
    assert (cleo.hear_all(), ana.hear_all(), bo.hear_all()) == ([], [], [])


def test_a_client_speaks_as_the_user_that_is_logged_in(socket):
    ana, bo = socket.log_in("ana"), socket.log_in("bo")

    bo.connection.send(
        '{"type": "typing_indicator", "sender": "cleo", "receiver": "ana",'
        ' "receiverType": "user", "body": {"action": "started"}}'
    )

    assert ana.hear()["sender"] == "bo"


def test_a_status_that_a_client_sends_is_the_users(socket):
    ana = socket.log_in("ana", presenceSubscription="ALL_USERS")
    bo = socket.log_in("bo")
    ana.hear_all()

    bo.say("presence", {"action": "offline"})
    frame = ana.hear()

    assert (frame["type"], frame["body"]["action"]) == ("presence", "offline")
    assert socket.api.get("/users/bo").get_json()["data"]["status"] == "offline"


ODD = [None, 7, "", "\u0000", "a/b", "ü" * 300, [], {"a": []}, -1, 10**30, True, "9" * 400]


@pytest.mark.parametrize("kind", ["receipts", "typing_indicator", "transient_message", "presence"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_no_client_would_send_ends_no_connection(socket, caplog, kind, odd):
    bo = socket.log_in("bo")

    for frame in (
        {"type": kind, "receiver": odd, "receiverType": odd, "body": odd},
        {"type": kind, "receiver": odd, "receiverType": "group", "body": {"action": "read"}},
        {"type": kind, "receiver": "ana", "receiverType": "user", "body": {"action": odd}},
        {
            "type": kind,
            "receiver": "ana",
            "receiverType": "user",
            "body": {"action": "read", "messageId": odd},
        },
    ):
        bo.connection.send(json.dumps(frame))

    assert [one["type"] for one in bo.hear_all() if one["type"] != "receipts"] == []
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


def test_what_is_nested_too_deep_is_not_passed_on(socket):
    ana, bo = socket.log_in("ana"), socket.log_in("bo")

    deep = "[" * 300 + "]" * 300
    bo.connection.send(
        '{"type": "typing_indicator", "receiver": "ana", "receiverType": "user",'
        f' "body": {{"metadata": {deep}}}}}'
    )

    assert (bo.hear_all(), ana.hear_all()) == ([], [])
