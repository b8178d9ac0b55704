"""Receipts over the socket and by REST: the same state, and told to the same clients."""

from __future__ import annotations

import pytest


def _mark(socket, caller: str, path: str, **body):
    answer = socket.api.post(path, as_=caller, json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    socket.settle()


def _message(socket, sent):
    return socket.api.get(f"/messages/{sent['id']}", as_=sent["sender"]).get_json()["data"]


@pytest.mark.parametrize(("action", "at"), [("delivered", "deliveredAt"), ("read", "readAt")])
def test_one_that_a_client_sends_changes_the_state_and_reaches_the_sender(socket, action, at):
    ana, bo = socket.log_in("ana"), socket.log_in("bo", "bo-tab")
    sent = socket.send("ana", "bo", "Hello")
    bo.hear_all(), ana.hear_all()

    bo.say("receipts", {"action": action, "messageId": sent["id"]}, "ana")
    frame = ana.hear()

    assert (frame["type"], frame["sender"], frame["deviceId"]) == ("receipts", "bo", "bo-tab")
    assert (frame["receiverType"], frame["receiver"]) == ("user", "ana")
    assert frame["body"].pop("user")["name"] == "Bo Chen"
    assert frame["body"] == {
        "action": action,
        "messageId": sent["id"],
        "timestamp": _message(socket, sent)[at],
        "conversationId": "user_bo",
    }


def test_one_by_rest_names_the_newest_message_that_is_read(socket):
    ana = socket.log_in("ana")
    socket.send("ana", "bo", "Hello"), socket.send("ana", "bo", "Hello again")
    last = socket.send("ana", "bo", "Still there?")
    ana.hear_all()

    _mark(socket, "bo", "/users/ana/conversation/read")
    (frame,) = ana.hear_all()

    assert frame["body"]["messageId"] == last["id"]


def test_ones_own_other_devices_hear_it(socket):
    tab, phone = socket.log_in("bo", "tab"), socket.log_in("bo", "phone")
    sent = socket.send("ana", "bo", "Hello")
    tab.hear_all(), phone.hear_all()

    tab.say("receipts", {"action": "read", "messageId": sent["id"]}, "ana")
    frame = phone.hear()

    assert frame["body"]["conversationId"] == "user_ana"
    assert tab.hear_all() == []


def test_a_groups_members_hear_each_one_and_that_all_have_read(socket):
    ana = socket.log_in("ana")
    socket.api.post("/groups", as_="ana", json={"guid": "two", "name": "Two", "type": "public"})
    socket.api.post("/groups/two/members", json={"participants": ["bo", "dan"]})
    sent = socket.send("ana", "two", "Hello all", kind="group")
    ana.hear_all()

    _mark(socket, "bo", "/groups/two/conversation/read")
    first = ana.hear_all()
    _mark(socket, "dan", "/groups/two/conversation/read")
    second = ana.hear_all()

    assert [(one["sender"], one["body"]["action"]) for one in first] == [("bo", "read")]
    actions = [(one["sender"], one["body"]["action"]) for one in second]
    assert actions == [("dan", "read"), ("dan", "readByAll")]
    assert {one["body"]["messageId"] for one in (*first, *second)} == {sent["id"]}


@pytest.mark.parametrize(
    ("body", "receiver", "kind_of"),
    [
        ({"action": "read", "messageId": "999999"}, "ana", "user"),
        ({"action": "read", "messageId": "1"}, "nobody-here", "user"),
        ({"action": "read", "messageId": ["1"]}, "ana", "user"),
        ({"action": "burnt", "messageId": "1"}, "ana", "user"),
        ({"action": "read", "messageId": "1"}, "ana", "planet"),
        ({"action": "read", "messageId": "1"}, "", "user"),
        ("text", "ana", "user"),
    ],
)
def test_one_that_cannot_be_is_told_to_nobody(socket, body, receiver, kind_of):
    ana, bo = socket.log_in("ana"), socket.log_in("bo")
    ana.hear_all()

    bo.say("receipts", body, receiver, kind_of)

    assert (bo.hear_all(), ana.hear_all()) == ([], [])


def test_the_journal_explains_a_receipt_as_a_request(socket):
    bo = socket.log_in("bo")
    sent = socket.send("ana", "bo", "Hello")

    bo.say("receipts", {"action": "read", "messageId": sent["id"]}, "ana")
    bo.hear_all()
    entry = list(socket.parts.controls.journal)[-1]

    assert (entry.operation_id, entry.caller) == ("markUserConversationAsRead", "bo")
