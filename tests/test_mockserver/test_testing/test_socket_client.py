"""The handle's calls for the socket: who is connected, cuts, faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.serving.thread_server import LiveServer
from duologue.mockserver.socket.server import SocketServer
from duologue.mockserver.testing import Mock
from support.api import Api
from support.waiting import WITHIN_S


@pytest.fixture
def served() -> Iterator[tuple[Mock, Api, str]]:
    """A mock, its API in this process, and the address of its socket."""
    app = create_app(world=examples(42))
    sock = listen("127.0.0.1", 0)
    address = f"ws://127.0.0.1:{sock.getsockname()[1]}"
    with SocketServer(sock, inside(app).hub_of), LiveServer(app) as server:
        yield Mock(server.url), Api(app), address
        inside(app).stop()
    inside(app).close()


@contextmanager
def _log_in(served: tuple[Mock, Api, str], uid: str) -> Iterator[ClientConnection]:
    _, api, address = served
    token = api.post(f"/users/{uid}/auth_tokens", json={}).get_json()["data"]["authToken"]
    names = {"type": "auth", "appId": "any", "deviceId": f"{uid}-tab", "sender": uid}
    with connect(address, proxy=None, open_timeout=WITHIN_S) as client:
        client.send(json.dumps({**names, "body": {"auth": token}}))
        yield client


def _status(client: ClientConnection) -> str:
    return str(json.loads(client.recv(timeout=WITHIN_S))["body"]["status"])


def test_a_users_connections_are_cut(served):
    mock = served[0]
    with _log_in(served, "ana") as ana, _log_in(served, "bo") as bo:
        assert (_status(ana), _status(bo)) == ("OK", "OK")
        assert sorted(one["device"] for one in mock.socket.clients) == ["ana-tab", "bo-tab"]

        assert mock.socket.cut("ana") == ["ana"]
        assert [one["device"] for one in mock.socket.clients] == ["bo-tab"]
        with pytest.raises(ConnectionClosed):
            ana.recv(timeout=WITHIN_S)

        assert mock.socket.cut() == ["bo"]
        with pytest.raises(ConnectionClosed):
            bo.recv(timeout=WITHIN_S)


def test_a_log_in_is_refused_until_it_is_not(served):
    mock = served[0]
    mock.socket.fail("ana", refuse_login=True)
    with _log_in(served, "ana") as refused:
        assert _status(refused) == "ERROR"

    mock.socket.stop_failing()
    with _log_in(served, "ana") as let_in:
        assert _status(let_in) == "OK"


def test_each_event_comes_twice(served):
    mock = served[0]
    mock.socket.fail(twice=True)
    with _log_in(served, "ana") as ana:
        assert _status(ana) == "OK"
        mock.send("bo", "ana", "Hi")
        texts = [json.loads(ana.recv(timeout=WITHIN_S))["body"]["data"]["text"] for _ in "12"]

    assert texts == ["Hi", "Hi"]
