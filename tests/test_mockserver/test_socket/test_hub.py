"""Sessions that end, clients that fall behind, and what a mock costs while nobody is connected."""

from __future__ import annotations

import threading

import pytest
from websockets.exceptions import ConnectionClosed

from duologue.mockserver.control.events.log import KEPT
from duologue.mockserver.socket import hub
from support.waiting import WITHIN_S


class Outlet:
    """Keeps what is sent, and calls `on_log_in` once a log-in is answered."""

    def __init__(self, on_log_in) -> None:
        self.sent: list = []
        self._on_log_in = on_log_in

    def send(self, frame) -> None:
        self.sent.append(frame)
        if frame["type"] == "auth":
            self._on_log_in()

    def close(self, code, reason) -> None:
        raise AssertionError("no connection is closed here")

    def cut(self) -> None:
        """Do nothing: there is no connection."""

    def later(self, delay_s, act) -> None:
        act()


def _hello(receiver: str) -> dict:
    return {"receiver": receiver, "receiverType": "user", "data": {"text": "Hello"}}


def _code(client) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.connection.recv(timeout=WITHIN_S)
    return closed.value.rcvd.code


def test_connections_to_the_state_that_were_ended_meanwhile(socket_on_postgresql, postgres):
    """Those of the socket alone: who is logged in hears of the next message, others may log in."""
    own = socket_on_postgresql.parts.store.reading().info["driver"].info.backend_pid
    bo = socket_on_postgresql.log_in("bo")
    socket_on_postgresql.send("ana", "bo", "before")
    before = bo.hear_all()

    postgres.end_connections(97, but=own)
    socket_on_postgresql.send("ana", "bo", "after")
    after = bo.hear_all()
    token = socket_on_postgresql.token("ana")
    postgres.end_connections(97, but=own)
    ana = socket_on_postgresql.connect()
    ana.say("auth", {"auth": token})

    assert [frame["type"] for frame in after] == [frame["type"] for frame in before] == ["message"]
    assert ana.hear()["body"]["status"] == "OK"


@pytest.mark.parametrize("others", [0, 1])
def test_what_happens_right_after_the_answer_to_a_log_in_is_told(socket, others):
    """With the first client, events were told from a little later on: a message got lost."""
    for _ in range(others):
        socket.log_in("bo")
    outlet = Outlet(lambda: socket.api.post("/messages", as_="bo", json=_hello("ana")))
    frame = {"type": "auth", "body": {"auth": socket.token("ana")}}

    made = socket.parts.hub.admit(frame, outlet)
    socket.settle()
    socket.parts.hub.leave(made)

    assert [one["type"] for one in outlet.sent] == ["auth", "message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v3/users/ana/auth_tokens"),
        ("DELETE", "/v3/users/ana"),
        ("DELETE", "/_mock/sessions?uid=ana"),
        ("POST", "/_mock/reset"),
    ],
)
def test_a_token_that_is_not_taken_any_more_ends_its_connection(socket, method, path):
    ana = socket.log_in("ana")

    answer = socket.api.client.open(path, method=method, headers={"apikey": "mock-api-key"})

    assert answer.status_code == 200
    assert _code(ana) == 1008


def test_logging_out_ends_the_session_of_one_tab(socket):
    gone, stays = socket.log_in("ana"), socket.log_in("ana")
    token = next(one.token for one in socket.parts.hub.connections)

    socket.api.delete("/me", key=None, headers={"authToken": token})

    assert _code(gone) == 1008
    assert stays.hear_all() == []


def test_the_thread_that_tells_of_changes_ends_with_the_last_client(socket, monkeypatch):
    """If the client left while earlier events were told, the thread waited for 60 s more."""
    monkeypatch.setattr(hub, "_WAIT_S", 100 * WITHIN_S)
    socket.log_in("ana").connection.close()
    for thread in threading.enumerate():
        if thread.name == "socket":
            thread.join(WITHIN_S)

    assert "socket" not in {thread.name for thread in threading.enumerate()}


def test_a_connection_that_a_reset_ends_leaves_no_trace(socket):
    before = socket.api.get("/users/ana").get_json()
    ana = socket.log_in("ana")

    socket.api.client.post("/_mock/reset")
    code = _code(ana)
    assert socket.parts.hub.wait_until_empty(WITHIN_S)

    assert code == 1008
    assert socket.api.get("/users/ana").get_json() == before


def test_a_client_that_leaves_just_before_a_reset_leaves_no_trace(socket):
    before = socket.api.get("/users/ana").get_json()
    ana = socket.log_in("ana")

    ana.connection.close()
    socket.api.client.post("/_mock/reset")
    assert socket.parts.hub.wait_until_empty(WITHIN_S)

    assert socket.api.get("/users/ana").get_json() == before


def test_a_connection_has_ended_once_the_reset_is_answered(socket):
    """A token issued after a reset has the text of the one before: it kept the connection."""
    ana = socket.log_in("ana")

    socket.api.client.post("/_mock/reset")
    socket.token("ana")

    assert list(socket.parts.hub.connections) == []
    assert _code(ana) == 1008


def test_a_user_that_is_back_before_the_end_is_noticed_is_online(socket):
    first, second = (Outlet(lambda: None) for _ in "12")
    frame = {"type": "auth", "body": {"auth": socket.token("ana")}}
    clients = socket.parts.hub
    gone = clients.admit(frame, first)

    clients.connections.remove(gone)  # as its end begins
    back = clients.admit(frame, second)
    clients.leave(gone)
    status = socket.api.get("/users/ana").get_json()["data"]["status"]
    clients.leave(back)

    assert status == "online"


def test_what_a_connection_sends_that_has_ended_has_no_effect(socket):
    made = socket.parts.hub.admit(
        {"type": "auth", "body": {"auth": socket.token("ana")}}, Outlet(lambda: None)
    )
    before = socket.parts.controls.events.number

    socket.parts.controls.socket.cut("ana")
    socket.parts.hub.receive(made, {"type": "presence", "body": {"action": "offline"}})

    assert socket.parts.controls.events.number == before
    socket.parts.hub.leave(made)


def test_a_client_that_has_missed_events_is_closed_and_may_come_again(socket, caplog):
    ana = socket.log_in("ana")
    events = socket.parts.controls.events

    with events.held():
        for _ in range(KEPT + 1):
            events.add("control", at=0)
    code = _code(ana)

    again = socket.log_in("ana")
    socket.send("bo", "ana", "Hello")
    assert code == 1013
    assert "the socket is 1 events behind; it closes 1 clients" in caplog.text
    assert [frame["body"]["data"]["text"] for frame in again.hear_all()] == ["Hello"]


def test_a_client_that_keeps_up_stays_connected(socket):
    ana = socket.log_in("ana")
    events = socket.parts.controls.events

    with events.held():
        for _ in range(KEPT):
            events.add("control", at=0)
    socket.settle()

    assert ana.hear_all() == []
