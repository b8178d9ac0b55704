"""Events over HTTP: more listeners than threads, and a server that stops while they listen."""

from __future__ import annotations

import http.client
import threading
import urllib.request
from urllib.parse import urlsplit

import pytest

from support.servers.served import mock_of

LISTENING = 12
BOUND_S = 100


class Listener(threading.Thread):
    """A client that listens until the stream ends, or until it has heard a message and `leaves`."""

    def __init__(self, control: str, *, leaves: bool = False) -> None:
        super().__init__(daemon=True)
        self.heard: list[str] = []
        self.has_begun = threading.Event()
        self.has_heard = threading.Event()
        self._netloc = urlsplit(control).netloc
        self._leaves = leaves
        self.start()

    def run(self) -> None:
        connection, answer = self._opened()
        try:
            while line := answer.readline():
                if line.startswith(b":"):
                    self.has_begun.set()
                if line.startswith(b"event: "):
                    self.heard.append(line[7:].decode().strip())
                if line.startswith(b"event: message"):
                    self.has_heard.set()
                    if self._leaves:
                        return
        finally:
            connection.close()

    def _opened(self) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Return a stream; a server finds out with its next write that another client is gone."""
        while True:
            connection = http.client.HTTPConnection(self._netloc, timeout=BOUND_S)
            connection.request("GET", "/_mock/events?requests=true")
            answer = connection.getresponse()
            if answer.status == 200:
                return connection, answer
            assert answer.status == 503
            connection.close()


@pytest.mark.parametrize("server", ["granian", "waitress"])
def test_all_hear_and_the_api_answers_and_the_server_stops(server):
    with mock_of(server) as mock:
        mock.load({"users": ["ana", "bo"]})
        listeners = [Listener(mock.control) for _ in range(LISTENING)]
        for each in listeners:
            assert each.has_begun.wait(BOUND_S)
        mock.control_request("POST", "/send", {"from": "bo", "to": "ana", "text": "Hi"})
        for each in listeners:
            assert each.has_heard.wait(BOUND_S)
        request = urllib.request.Request(f"{mock.url}/conversations", headers=mock.headers("ana"))
        with urllib.request.urlopen(request, timeout=BOUND_S) as answer:
            assert answer.status == 200
    for each in listeners:
        each.join(BOUND_S)

    assert not any(each.is_alive() for each in listeners)


@pytest.mark.parametrize("server", ["granian", "waitress"])
def test_a_client_that_left_makes_room_for_another(server):
    """More clients in all than may listen at a time, each of them gone before the next."""
    with mock_of(server) as mock:
        mock.load({"users": ["ana", "bo"]})
        for _ in range(4):
            listeners = [Listener(mock.control, leaves=True) for _ in range(LISTENING)]
            for each in listeners:
                assert each.has_begun.wait(BOUND_S)
            mock.control_request("POST", "/send", {"from": "bo", "to": "ana", "text": "Hi"})
            for each in listeners:
                each.join(BOUND_S)
            for _ in range(3):  # what is written now shows that the clients are gone
                mock.load({"users": ["ana", "bo"]})
