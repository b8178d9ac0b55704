"""An address where something else answers is told as that, whatever it says."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from duologue.mockserver.testing import ControlRefused, Mock, NotStarted, at

JSON = "Content-Type: application/json"
ANSWERS = {
    "a page": ("200 OK", "Content-Type: text/html", "<html>"),
    "nothing": ("204 No Content", JSON, ""),
    "a list": ("200 OK", JSON, "[1]"),
    "a text": ("200 OK", JSON, '"error"'),
    "a number": ("200 OK", JSON, "1"),
    "its own error": ("404 Not Found", JSON, '{"error": "Not Found"}'),
    "an error as data": ("500 Internal Server Error", JSON, '{"data": {}}'),
    "a message": ("404 Not Found", JSON, '{"message": "no route"}'),
    "no UTF-8": ("200 OK", JSON, "\udcff"),
    "no HTTP": (None, "", "SSH-2.0-OpenSSH_9.6\r\n"),
}


@pytest.fixture(params=ANSWERS)
def other(request):
    """The address of a server that gives every connection one answer."""
    status, kind, text = ANSWERS[request.param]
    content = text.encode("utf-8", "surrogateescape")
    if status is not None:
        head = f"HTTP/1.1 {status}\r\n{kind}\r\nContent-Length: {len(content)}\r\n\r\n"
        content = head.encode() + content

    def answer():
        for _ in range(2):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(content)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v3"


def test_it_is_no_mock(other):
    with pytest.raises(NotStarted, match="no control plane answers at"), at(other):
        pytest.fail("a mock")

    with pytest.raises((ControlRefused, ConnectionError), match=r"no mock answers so|no HTTP"):
        Mock(other).reset()
