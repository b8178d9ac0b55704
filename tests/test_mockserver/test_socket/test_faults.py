"""The faults of the socket as the control plane sets them."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import ConnectionClosed

from support.waiting import WITHIN_S


def _control(socket, method: str, path: str, body=None):
    answer = socket.api.client.open(f"/_mock/{path}", method=method, json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["data"]


def _message(receiver: str, text: str) -> dict:
    return {"receiver": receiver, "receiverType": "user", "data": {"text": text}}


def test_who_is_connected_is_told(socket):
    socket.log_in("ana", "tab", presenceSubscription="ALL_USERS")
    socket.log_in("bo")

    assert _control(socket, "GET", "socket")["connections"] == [
        {"uid": "ana", "device": "tab", "presence": "ALL_USERS"},
        {"uid": "bo", "device": "", "presence": ""},
    ]


def test_the_connections_of_one_user_are_cut_without_a_word(socket):
    ana, bo = socket.log_in("ana"), socket.log_in("bo")

    assert _control(socket, "DELETE", "socket?uid=ana") == {"cut": ["ana"]}
    assert [one["uid"] for one in _control(socket, "GET", "socket")["connections"]] == ["bo"]
    with pytest.raises(ConnectionClosed) as closed:
        ana.connection.recv(timeout=WITHIN_S)
    assert closed.value.rcvd is None
    assert bo.hear_all() == []


def test_events_come_twice_to_the_user_it_was_set_for(socket):
    ana, bo = socket.log_in("ana"), socket.log_in("bo")
    _control(socket, "PUT", "socket/faults", {"twice": True, "uid": "bo"})

    socket.send("ana", "bo", "Hello")

    assert (len(bo.hear_all()), len(ana.hear_all())) == (2, 1)


def test_a_fault_holds_from_its_own_answer_until_that_of_its_removal(socket):
    bo = socket.log_in("bo")
    for text, is_faulty in (("before", False), ("meanwhile", True), ("after", False)):
        if is_faulty:
            _control(socket, "PUT", "socket/faults", {"twice": True})
        socket.api.post("/messages", as_="ana", json=_message("bo", text))
        _control(socket, "DELETE", "socket/faults")
    socket.settle()

    texts = [frame["body"]["data"]["text"] for frame in bo.hear_all()]
    assert texts == ["before", "meanwhile", "meanwhile", "after"]


def test_events_come_late_and_other_frames_do_not(socket):
    bo = socket.log_in("bo")
    _control(socket, "PUT", "socket/faults", {"late_ms": 60_000})

    socket.send("ana", "bo", "Hello")

    assert bo.hear_all() == []


def test_a_connection_is_cut_after_an_event(socket):
    bo = socket.log_in("bo")
    _control(socket, "PUT", "socket/faults", {"cut_after": 1})

    socket.send("ana", "bo", "Hello")

    with pytest.raises(ConnectionClosed):
        while True:
            bo.connection.recv(timeout=WITHIN_S)


def test_a_log_in_is_refused_until_the_fault_is_removed(socket):
    _control(socket, "PUT", "socket/faults", {"refuse_login": True})
    client = socket.connect()

    frame = {"type": "auth", "sender": "ana", "body": {"auth": socket.token("ana")}}
    client.connection.send(json.dumps(frame))
    answer = client.hear()
    _control(socket, "DELETE", "socket/faults")

    assert answer["body"]["status"] == "ERROR"
    assert socket.log_in("ana").hear_all() == []


def test_a_reset_removes_the_faults(socket):
    _control(socket, "PUT", "socket/faults", {"twice": True})

    _control(socket, "POST", "reset")

    assert _control(socket, "GET", "socket")["faults"]["twice"] is False
