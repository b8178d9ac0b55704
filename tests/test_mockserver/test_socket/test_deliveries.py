"""What a change by REST means to the clients: which of them hear what."""

from __future__ import annotations


def test_a_message_is_heard_by_its_receiver_as_the_receiver_sees_it(socket):
    bo = socket.log_in("bo", "bo-tab")

    sent = socket.send("ana", "bo", "Hello")
    (frame,) = bo.hear_all()

    assert (frame["appId"], frame["type"], frame["deviceId"]) == ("app", "message", "")
    assert (frame["sender"], frame["receiverType"], frame["receiver"]) == ("ana", "user", "bo")
    assert frame["body"]["id"] == sent["id"]
    assert frame["body"]["conversationId"] == "user_ana"
    assert frame["body"] == socket.api.get(f"/messages/{sent['id']}", as_="bo").get_json()["data"]


def test_the_senders_other_devices_hear_it_and_its_own_does_not(socket):
    tab, phone = socket.log_in("ana", "tab"), socket.log_in("ana", "phone")

    sent = socket.send("ana", "bo", "Hello", headers={"resource": "tab"})
    (frame,) = phone.hear_all()

    assert tab.hear_all() == []
    assert frame["deviceId"] == "tab"
    assert frame["body"] == sent


def test_a_message_to_a_group_is_heard_by_its_members_alone(socket):
    bo, cleo = socket.log_in("bo"), socket.log_in("cleo")
    socket.api.post("/groups", as_="ana", json={"guid": "new", "name": "New", "type": "public"})
    socket.api.post("/groups/new/members", json={"participants": ["bo"]})
    socket.settle()
    bo.hear_all()

    sent = socket.send("ana", "new", "Hello all", kind="group")
    (frame,) = bo.hear_all()

    assert frame["body"] == sent
    assert (frame["receiverType"], frame["receiver"]) == ("group", "new")
    assert cleo.hear_all() == []


def test_nobody_hears_somebody_whom_they_have_blocked(socket):
    bo = socket.log_in("bo")
    blocked = socket.api.post("/users/bo/blockedusers", json={"blockedUids": ["ana"]})
    assert blocked.status_code == 200

    socket.send("ana", "bo", "Hello")

    assert bo.hear_all() == []


def test_what_happened_before_a_client_came_is_not_told(socket):
    socket.log_in("ana")
    socket.send("ana", "bo", "Too early")

    assert socket.log_in("bo").hear_all() == []
