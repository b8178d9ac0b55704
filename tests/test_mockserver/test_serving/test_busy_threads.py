"""When the server starts one more thread: once for each request that holds one for long."""

from __future__ import annotations

import pytest

from duologue.mockserver.serving.busy_threads import LONG_S, BusyThreads


class Server:
    """Server threads with a clock of the test, and an app whose answers end on demand."""

    def __init__(self):
        self.time_s = 0.0
        self.busy = BusyThreads(now=lambda: self.time_s)
        self.wanted_within = []
        self.pieces = [b""]
        self.answer = self.busy.watch(self._app)

    def _app(self, environ, _start):
        if environ["PATH_INFO"] == "/slow":
            self.time_s += LONG_S
            self.wanted_within.append(self.busy.want_another())
        if environ["PATH_INFO"] == "/broken":
            raise ZeroDivisionError
        return self.pieces

    def ask(self, path):
        return self.answer({"PATH_INFO": path}, None)

    def wants_another_after(self, seconds):
        self.time_s += seconds
        return self.busy.want_another()


def stream():
    yield b"a piece"


def test_a_request_that_takes_long_wants_another_thread():
    server = Server()

    server.ask("/slow")

    assert server.wanted_within == [True]
    assert not server.wants_another_after(LONG_S)  # it has ended


def test_a_request_that_is_still_short_does_not():
    server = Server()
    server.pieces = stream()

    server.ask("/stream")

    assert not server.wants_another_after(LONG_S * 0.9)
    assert server.wants_another_after(LONG_S * 0.1)


def test_it_is_asked_until_a_request_of_the_servers_own_has_come():
    server = Server()
    server.pieces = stream()
    server.ask("/stream")
    before = [server.wants_another_after(LONG_S), server.wants_another_after(LONG_S)]
    server.pieces = [b""]

    server.ask(server.busy.own_path)

    assert before == [True, True]
    assert not server.wants_another_after(LONG_S)


def test_each_newer_one_wants_one_more():
    server = Server()
    server.pieces = stream()
    server.ask("/stream")
    server.wants_another_after(LONG_S)
    server.pieces = [b""]
    server.ask(server.busy.own_path)
    server.pieces = stream()

    server.ask("/stream")

    assert server.wants_another_after(LONG_S)


def test_an_answer_in_pieces_ends_when_it_is_closed():
    server = Server()
    server.pieces = stream()
    answer = server.ask("/stream")
    got = list(answer)
    before = server.wants_another_after(LONG_S)

    answer.close()

    assert got == [b"a piece"]
    assert before
    assert not server.wants_another_after(LONG_S)


def test_a_request_that_fails_has_ended():
    server = Server()
    with pytest.raises(ZeroDivisionError):
        server.ask("/broken")

    assert not server.wants_another_after(LONG_S)
