"""A mock in a thread of the tests' own process."""

import http.client
import json
import socket

import pytest

from duologue.mockserver.serving.thread_server import LiveServer
from support.servers.ports import held_port
from support.waiting import WITHIN_S


def echo(environ, start_response):
    """Answer the path of the request."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


def ask(port: int, path: str = "/v3/conversations") -> bytes:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    try:
        client.request("GET", path)
        return client.getresponse().read()
    finally:
        client.close()


def port_of(server: LiveServer) -> int:
    return int(server.url.removesuffix("/v3").rpartition(":")[2])


def test_a_server_answers_within_its_block():
    """``with LiveServer(app) as server`` starts and stops it."""
    with LiveServer(echo) as server:
        answer = ask(port_of(server))

    assert answer == b"/v3/conversations"


def test_the_addresses_are_those_of_the_command_line():
    """The API with its version path, the control plane beside it."""
    with LiveServer(echo) as server:
        port = port_of(server)

        assert server.url == f"http://127.0.0.1:{port}/v3"
        assert server.control == f"http://127.0.0.1:{port}/_mock"


def test_two_servers_have_different_ports():
    """Port 0 gives another free port each time."""
    with LiveServer(echo) as one, LiveServer(echo) as other:
        assert one.url != other.url


def test_after_the_block_the_port_is_free():
    """Another server can use it."""
    with held_port() as port:
        with LiveServer(echo, port=port) as server:
            assert port_of(server) == port

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        with LiveServer(echo, port=port) as again:
            assert ask(port_of(again)) == b"/v3/conversations"


def test_a_keep_alive_connection_does_not_delay_the_stop():
    """Regression: with ``server.close()`` alone the thread ran until the client had gone."""
    server = LiveServer(echo)
    server.start()
    client = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=WITHIN_S)
    client.request("GET", "/")
    client.getresponse().read()
    thread = server._thread
    server.stop()
    thread.join(WITHIN_S)
    has_ended = not thread.is_alive()
    client.close()

    assert has_ended


def test_a_server_can_be_stopped_twice_and_started_again():
    """Fixtures that fail half-way may stop a server that never started."""
    server = LiveServer(echo)
    server.stop()
    server.start()
    server.stop()
    server.stop()
    with server:
        answer = ask(port_of(server))

    assert answer == b"/v3/conversations"


def test_a_server_that_does_not_run_has_no_address():
    """The message says how to start it."""
    with pytest.raises(RuntimeError, match="call start"):
        _ = LiveServer(echo).url


def test_a_stop_that_comes_after_the_loop_has_closed_everything() -> None:
    """The loop may wake up by itself and close the sockets before the trigger is pulled."""
    server = LiveServer(echo)
    server.start()
    trigger, thread = server._server.trigger, server._thread
    pull = trigger._physical_pull

    def pull_late() -> None:
        pull()
        thread.join(WITHIN_S)
        pull()

    trigger._physical_pull = pull_late

    server.stop()

    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400),
        (b"GET http://[::1/v3 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://[x]/v3 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
    ids=range(7),
)
def test_the_servers_own_refusals_are_in_the_envelope(raw, status):
    with (
        LiveServer(echo) as server,
        socket.create_connection(("127.0.0.1", port_of(server)), timeout=WITHIN_S) as client,
    ):
        client.sendall(raw)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        body = json.loads(answer.read())

    assert answer.status == status
    assert body["error"]["code"] == "ERR_BAD_REQUEST"
    assert body["error"]["message"]


def test_150_stalled_uploads_keep_nobody_waiting():
    with LiveServer(echo) as server:
        stalled = [
            socket.create_connection(("127.0.0.1", port_of(server)), timeout=WITHIN_S)
            for _ in range(150)
        ]
        for client in stalled:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")

        answer = ask(port_of(server))
        for client in stalled:
            client.close()

    assert answer == b"/v3/conversations"
