"""The port of the socket: worlds side by side, TLS, and its end."""

from __future__ import annotations

import asyncio
import gc
import json
import socket as tcp
import ssl
import sys
import threading
import time
import warnings

import pytest
import trustme
from websockets.asyncio.client import connect as async_connect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.certificates import ServerCertificate
from duologue.mockserver.serving.ports import Ports
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.socket import server
from duologue.mockserver.socket.loop import SocketLoop
from duologue.mockserver.socket.server import SocketServer
from support.api import Api
from support.waiting import WITHIN_S, happens, run_apart

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SEEN_WITHIN_S = 0.5  # that a client has come; nothing tells of one that says nothing


@pytest.fixture
def api():
    """A mock without a port."""
    app = create_app(world=examples(42))
    yield Api(app)
    inside(app).close()


@pytest.fixture
def nothing_left_open(monkeypatch):
    """Fail if the test leaves a connection open: that would warn in whatever test comes later."""
    gc.collect()  # what earlier tests have left
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda problem: told.append(problem.exc_value))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        yield
        gc.collect()
    assert told == []


def _log_in_frame(api, world: str | None = None) -> str:
    headers = {"X-Mock-World": world} if world else {}
    answer = api.post("/users/bo/auth_tokens", json={}, headers=headers)
    token = answer.get_json()["data"]["authToken"]
    return json.dumps({"type": "auth", "body": {"auth": token}})


async def _answer_over_tls(address: str, context: ssl.SSLContext, frame: str) -> dict:
    """Return the answer to a frame.

    The other client reads in a thread while it writes in another one. OpenSSL allows that to no
    connection, and what was written got lost (1 of 150 times on Python 3.12).
    """
    opened = async_connect(address, ssl=context, proxy=None, open_timeout=WITHIN_S)
    async with opened as client:
        await client.send(frame)
        return json.loads(await asyncio.wait_for(client.recv(), WITHIN_S))


def _connect(address: str):
    return connect(address, proxy=None, open_timeout=WITHIN_S)


def _log_in(client, api, world: str | None = None) -> None:
    client.send(_log_in_frame(api, world))
    assert json.loads(client.recv(timeout=WITHIN_S))["body"]["status"] == "OK"
    client.send('{"action": "ping"}')
    assert json.loads(client.recv(timeout=WITHIN_S)) == {"action": "pong"}


def _send(api, text: str, world: str | None = None) -> None:
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": text}}
    headers = {"X-Mock-World": world} if world else {}
    assert api.post("/messages", as_="ana", json=body, headers=headers).status_code == 200


def test_each_world_has_clients_of_its_own(api):
    sock = listen("127.0.0.1", 0)
    address = f"ws://127.0.0.1:{sock.getsockname()[1]}"
    api.get("/users/bo", headers={"X-Mock-World": "beside"})
    with (
        Ports(sock, sock).serving_socket(inside(api.app)),
        _connect(address) as own,
        _connect(f"{address}/_world/beside") as beside,
    ):
        _log_in(own, api)
        _log_in(beside, api, "beside")

        _send(api, "in the world beside", "beside")
        _send(api, "in its own world")

        heard = [json.loads(client.recv(timeout=WITHIN_S)) for client in (own, beside)]
    texts = [frame["body"]["data"]["text"] for frame in heard]
    assert texts == ["in its own world", "in the world beside"]


def test_the_clients_of_a_world_that_is_removed_are_let_go(api):
    sock = listen("127.0.0.1", 0)
    api.get("/users/bo", headers={"X-Mock-World": "beside"})
    with (
        Ports(sock, sock).serving_socket(inside(api.app)),
        _connect(f"ws://127.0.0.1:{sock.getsockname()[1]}/_world/beside") as client,
    ):
        _log_in(client, api, "beside")

        assert api.client.delete("/_mock/worlds/beside").status_code == 200

        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=WITHIN_S)
    assert closed.value.rcvd.code == 1001


def test_with_a_certificate_it_speaks_tls(api, tmp_path):
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(tmp_path / "cert.pem", append=number > 0)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    sock = listen("127.0.0.1", 0)
    ports = Ports(sock, sock, ServerCertificate(tmp_path / "cert.pem", tmp_path / "key.pem"))

    with ports.serving_socket(inside(api.app)):
        address = f"wss://127.0.0.1:{sock.getsockname()[1]}"
        answer = run_apart(_answer_over_tls(address, context, _log_in_frame(api)))
        settings = ports.client_settings("127.0.0.1:1")

    assert answer["body"]["status"] == "OK"
    assert settings["CHAT_WSS_PORT"].isdigit()


def test_without_a_certificate_no_client_is_led_there():
    sock = listen("127.0.0.1", 0)

    assert Ports(sock, sock).client_settings("127.0.0.1:1") == {}
    sock.close()


def test_one_that_nobody_has_used_ends_and_frees_its_port(api):
    sock = listen("127.0.0.1", 0)

    with Ports(sock, sock).serving_socket(inside(api.app)):
        pass

    assert happens(lambda: sock.fileno() == -1)


@pytest.mark.parametrize("place", ["before its first client is seen", "before its loop serves"])
@pytest.mark.usefixtures("nothing_left_open")
def test_one_that_begins_after_its_end_ends_without_a_word(api, monkeypatch, place):
    """On a loaded machine the wait for its thread ended first: the port was taken away from it."""
    may_go_on, failures = threading.Event(), []
    owner, name = {
        "before its first client is seen": (SocketServer, "_client_comes"),
        "before its loop serves": (SocketLoop, "run"),
    }[place]
    go_on = getattr(owner, name)
    is_there = threading.Event()

    def late(self):
        is_there.set()
        may_go_on.wait(WITHIN_S)
        return go_on(self)

    monkeypatch.setattr(owner, name, late)
    monkeypatch.setattr(server, "STOP_WITHIN_S", 0)
    monkeypatch.setattr(threading, "excepthook", failures.append)
    sock = listen("127.0.0.1", 0)
    with (
        tcp.create_connection(sock.getsockname(), timeout=WITHIN_S),
        Ports(sock, sock).serving_socket(inside(api.app)) as serving,
    ):
        assert is_there.wait(WITHIN_S)
    may_go_on.set()
    serving._thread.join(WITHIN_S)

    assert sock.fileno() == -1
    assert failures == []


@pytest.mark.parametrize("is_let_in", [True, False], ids=["let in", "silent"])
@pytest.mark.usefixtures("nothing_left_open")
def test_at_its_end_a_client_that_does_not_answer_is_cut_off(api, is_let_in):
    sock = listen("127.0.0.1", 0)
    with (
        tcp.create_connection(sock.getsockname(), timeout=WITHIN_S) as client,
        Ports(sock, sock).serving_socket(inside(api.app)),
    ):
        client.sendall(HANDSHAKE if is_let_in else HANDSHAKE[:20])
        if is_let_in:
            assert client.recv(1024).startswith(b"HTTP/1.1 101")
        else:
            time.sleep(SEEN_WITHIN_S)


def test_at_its_end_the_clients_are_let_go(api):
    sock = listen("127.0.0.1", 0)
    serving = Ports(sock, sock).serving_socket(inside(api.app))
    with serving, _connect(f"ws://127.0.0.1:{sock.getsockname()[1]}") as client:
        _log_in(client, api)

        serving.__exit__(None, None, None)

        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=WITHIN_S)
    assert closed.value.rcvd.code == 1001
