"""A mock whose socket listens on a free port, and clients of it in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from duologue.fixtures.examples import examples
from duologue.mockserver.app import Inside, create_app, inside
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.socket.server import SocketServer
from support.api import Api
from support.waiting import WITHIN_S


class Client:
    """One tab or device of a user."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, kind: str, body: Any, receiver: str = "", kind_of: str = "user") -> None:
        """Send a frame as the vendor's SDK writes it."""
        names = {"receiver": receiver, "receiverType": kind_of}
        self.connection.send(json.dumps({"type": kind, **names, "body": body}))

    def hear(self) -> dict[str, Any]:
        """Return the next frame."""
        return json.loads(self.connection.recv(timeout=WITHIN_S))

    def hear_all(self) -> list[dict[str, Any]]:
        """Return all frames that have been sent to the client until now."""
        self.connection.send('{"action": "ping"}')
        found = []
        while (frame := self.hear()) != {"action": "pong"}:
            found.append(frame)
        return found


class Socket:
    """The socket of a mock with the world `examples`."""

    def __init__(self, api: Api, parts: Inside, address: str) -> None:
        self.api = api
        self.parts = parts
        self.address = address
        self._open = ExitStack()

    def connect(self, path: str = "") -> Client:
        """Return a client that has not logged in."""
        made = connect(self.address + path, proxy=None, open_timeout=WITHIN_S)
        return Client(self._open.enter_context(made))

    def token(self, uid: str) -> str:
        """Return a new token of a user."""
        answer = self.api.post(f"/users/{uid}/auth_tokens", json={})
        return answer.get_json()["data"]["authToken"]

    def log_in(self, uid: str, device: str = "", **body: Any) -> Client:
        """Return a client of a user that is logged in and has heard nothing else."""
        client = self.connect()
        frame = {"type": "auth", "appId": "app", "deviceId": device, "sender": uid}
        client.connection.send(json.dumps(frame | {"body": {"auth": self.token(uid), **body}}))
        assert client.hear()["body"]["status"] == "OK"
        client.hear_all()  # answered once all that a log-in does is done
        self.settle()
        client.hear_all()
        return client

    def settle(self) -> None:
        """Wait until all clients were told of all that has happened."""
        assert self.parts.hub.wait_until_told(WITHIN_S)

    def send(self, sender: str, receiver: str, text: str, kind: str = "user", **how: Any) -> Any:
        """Send a message by REST and return it as the API shows it."""
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        answer = self.api.post("/messages", as_=sender, json=body, **how)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.settle()
        return answer.get_json()["data"]

    def close(self) -> None:
        """Close all clients."""
        self._open.close()


@contextmanager
def serving(state_url: str | None) -> Iterator[tuple[Api, Inside, str]]:
    """Run a mock and its socket within the block; yield its address, too."""
    app = create_app(world=examples(42), state_url=state_url)
    sock = listen("127.0.0.1", 0)
    address = f"ws://127.0.0.1:{sock.getsockname()[1]}"
    with SocketServer(sock, inside(app).hub_of):
        inside(app).hub.receipts_after_s = 0
        yield Api(app), inside(app), address
        inside(app).stop()
    inside(app).close()


@pytest.fixture(scope="module")
def served(module_state: str | None) -> Iterator[tuple[Api, Inside, str]]:
    """A mock and the address of its socket."""
    with serving(module_state) as made:
        yield made


@pytest.fixture
def socket_on_postgresql(postgres: Any) -> Iterator[Socket]:
    """The socket of a mock whose state is in the database `state_97`."""
    with serving(postgres.empty(97)) as made:
        socket = Socket(*made)
        yield socket
        socket.close()


@pytest.fixture
def socket(served: tuple[Api, Inside, str]) -> Iterator[Socket]:
    """A socket without clients, of a mock as it was at its start."""
    api, parts, address = served
    made = Socket(api, parts, address)
    yield made
    made.close()
    assert parts.hub.wait_until_empty(WITHIN_S)
    parts.controls.reset()
