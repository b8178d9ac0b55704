"""Clients that end their side of a connection early: each is answered or let go."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from support.servers.served import mock_of
from support.waiting import WITHIN_S

HEAD = b"GET /v3/conversations HTTP/1.1\r\nHost: localhost\r\napikey: mock-api-key\r\n"
BODY = b"PUT /v3/users/bo/conversation HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
REQUESTS = {
    "nothing": b"",
    "half a request line": b"GET /v3/conv",
    "half a head": HEAD,
    "half a body": BODY + b"Content-Type: application/json\r\n\r\n{",
}


@pytest.fixture(scope="module", params=["granian", "waitress"])
def port(request):
    """The port of a mock on either server."""
    with mock_of(request.param) as mock:
        yield urlsplit(mock.url).port


def answer_after(port: int, sent: bytes) -> bytes:
    """Send, end this side of the connection, and return all that comes until the other ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        parts = []
        with suppress(ConnectionResetError):
            while part := client.recv(65536):
                parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
def test_a_request_that_never_comes_whole_is_let_go(port, sent):
    """The connection ends, with a refusal or without, and the next client is answered."""
    answer = answer_after(port, sent)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/_mock/health", timeout=WITHIN_S
    ) as health:
        assert health.status == 200


def test_a_whole_request_is_answered_or_let_go(port):
    """Never half: some servers take an early end for a client that has gone."""
    answer = answer_after(port, HEAD + b"Connection: close\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer == b"" or (head.startswith(b"HTTP/1.1 200") and body.endswith(b"}"))
