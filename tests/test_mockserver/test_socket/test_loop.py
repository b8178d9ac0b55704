"""The protocol: who is let in, and what keeps a connection alive."""

from __future__ import annotations

import asyncio
import json
import socket as tcp
import threading
from types import SimpleNamespace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.socket.loop import MOST_UNSENT_BYTES, ClientOutlet, SocketLoop
from support.waiting import WITHIN_S, run_apart


def test_a_known_token_is_let_in(socket):
    client = socket.connect()
    token = socket.token("ana")
    names = {"type": "auth", "appId": "app", "deviceId": "tab", "sender": "ana"}

    client.connection.send(json.dumps({**names, "body": {"auth": token}}))
    answer = client.hear()

    assert answer["body"].pop("timestamp") > 1_700_000_000_000
    assert answer == {
        **names,
        "receiver": "",
        "receiverType": "",
        "body": {"code": "200", "status": "OK"},
    }


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "auth", "sender": "ana", "body": {"auth": "no-such-token"}},
        {"type": "auth", "sender": "ana", "body": {}},
        {"type": "auth", "sender": "ana", "body": None},
        {"type": "receipts", "sender": "ana", "body": {}},
        [],
        {},
    ],
)
def test_any_other_first_frame_is_refused_and_the_connection_closed(socket, frame):
    client = socket.connect()

    client.connection.send(json.dumps(frame))
    answer = client.hear()

    assert answer["body"]["status"] == "ERROR"
    assert answer["body"]["code"] == "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
    with pytest.raises(ConnectionClosed) as closed:
        client.connection.recv(timeout=WITHIN_S)
    assert closed.value.rcvd.code == 1008


def test_a_ping_is_answered_before_and_after_the_log_in(socket):
    client = socket.connect()
    client.connection.send('{"action": "ping", "ack": "true"}')

    assert client.hear() == {"action": "pong"}
    assert socket.log_in("ana").hear_all() == []


@pytest.mark.parametrize("sent", ["no JSON", "[1]", '"text"', b"\x00\xff", '{"type": "unknown"}'])
def test_what_is_no_frame_of_the_socket_changes_nothing(socket, sent):
    ana = socket.log_in("ana")

    ana.connection.send(sent)

    assert ana.hear_all() == []


@pytest.mark.parametrize("path", ["/other", "/_world/none", "/_world/"])
def test_a_path_that_leads_to_no_world_is_not_found(socket, path):
    with pytest.raises(InvalidStatus) as refused:
        socket.connect(path)

    assert refused.value.response.status_code == 404


def test_a_user_is_online_while_any_of_its_tabs_is_connected(socket):
    def status() -> str:
        return socket.api.get("/users/ana").get_json()["data"]["status"]

    first, second = socket.log_in("ana"), socket.log_in("ana")
    seen = [status()]
    first.connection.close()
    seen.append(status())
    second.connection.close()
    assert socket.parts.hub.wait_until_empty(WITHIN_S)

    assert [*seen, status()] == ["online", "online", "offline"]


def test_a_client_that_does_not_read_is_cut_off(caplog):
    calls = []
    transport = SimpleNamespace(
        get_write_buffer_size=lambda: MOST_UNSENT_BYTES + 1,
        is_closing=lambda: bool(calls),
        abort=lambda: calls.append("abort"),
    )
    loop = SimpleNamespace(call_soon_threadsafe=lambda act: act())
    outlet = ClientOutlet(loop, SimpleNamespace(transport=transport), "app")

    for _ in range(2):
        outlet.send({"type": "message"})

    assert calls == ["abort"]
    assert "does not read what it is sent" in caplog.text


class StalledLoop(asyncio.SelectorEventLoop):
    """An event loop that has stood still for so many seconds, as on a starved machine."""

    stalled_s = 0

    def time(self) -> float:
        return super().time() + self.stalled_s


def test_a_client_that_is_slow_to_open_and_to_log_in_is_kept(socket):
    """The library's own bound is 10 s: TLS was cut off in its opening at a load of 20."""
    port, loop = listen("127.0.0.1", 0), StalledLoop()
    address = port.getsockname()
    url = f"ws://127.0.0.1:{address[1]}"
    server = SocketLoop(port, socket.parts.hub_of, loop=loop)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    slow = tcp.create_connection(address, timeout=WITHIN_S)
    with connect(url, proxy=None, open_timeout=WITHIN_S):
        pass  # it came later, so the slow one is accepted

    loop.stalled_s += 40
    with connect(url, sock=slow, open_timeout=WITHIN_S) as client:
        loop.stalled_s += 40
        client.send('{"action": "ping"}')
        answer = json.loads(client.recv(timeout=WITHIN_S))
    server.stop()
    thread.join(WITHIN_S)

    assert answer == {"action": "pong"}


class SlowHub:
    """Lets clients in once it may go on."""

    def __init__(self) -> None:
        self.is_asked, self.may_go_on = threading.Event(), threading.Event()
        self.clients: list[object] = []

    def admit(self, frame, outlet):
        self.is_asked.set()
        self.may_go_on.wait(WITHIN_S)
        self.clients.append(outlet)
        return outlet

    def leave(self, connection) -> None:
        self.clients.remove(connection)


class FirstFrame:
    """A client that has sent its log-in."""

    request = SimpleNamespace(path="/")

    async def recv(self) -> str:
        return "{}"


def test_a_client_that_is_let_in_while_the_server_ends_leaves_too():
    """Its user stayed online: the thread that lets it in goes on though the loop has ended."""
    hub = SlowHub()

    async def end_meanwhile() -> None:
        with listen("127.0.0.1", 0) as port:
            served = SocketLoop(port, lambda _: hub, loop=asyncio.get_running_loop())
            attending = asyncio.create_task(served._attend(FirstFrame()))
            assert await asyncio.to_thread(hub.is_asked.wait, WITHIN_S)
            attending.cancel()
            await asyncio.sleep(0)  # as the loop does before it waits for what was cancelled
            hub.may_go_on.set()
            await asyncio.wait([attending])

    run_apart(end_meanwhile())

    assert hub.is_asked.is_set()
    assert hub.clients == []
