"""Which threads of the server take requests, and when it starts one more."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from duologue.mockserver.serving import server_threads
from duologue.mockserver.serving.server_threads import LONG_S, ServerThreads
from support.waiting import WITHIN_S, happens

LENGTH = [("Content-Length", "1")]


class Start:
    """What granian passes to an app, as far as it is used: it keeps the headers."""

    def __init__(self):
        self.headers = []

    def __call__(self, _status, headers):
        self.headers = headers


class Server:
    """A server whose threads are those of the test, and whose requests end on demand."""

    def __init__(self, most=1):
        self.time_s = 0.0
        self.threads = ServerThreads(most, now=lambda: self.time_s)
        self.answer = self.threads.watch(self._app)
        self.headers, self.body = LENGTH, b"x"
        self.served = []
        self.begun = threading.Semaphore(0)
        self.may_end = {path: threading.Event() for path in ("/held", "/away", "/stream")}

    def _app(self, environ, start):
        path = environ["PATH_INFO"]
        self.begun.release()
        start("200 OK", self.headers)
        if path == "/stream":
            return self._stream()
        if path == "/held":
            self.may_end[path].wait(WITHIN_S)
        if path == "/away":
            with self.threads.away():
                self.may_end[path].wait(WITHIN_S)
        if path == "/broken":
            raise ZeroDivisionError
        return [self.body]

    def _stream(self):
        yield b"a piece"
        self.may_end["/stream"].wait(WITHIN_S)

    def serve(self, *paths):
        """Serve the requests one after the other, as granian does."""
        for path in paths:
            pieces = self.answer({"PATH_INFO": path}, Start())
            list(pieces)
            self.served.append(path)
            if type(pieces) is not list:
                pieces.close()

    def thread(self, *paths):
        """Return a thread that serves these requests; the first has begun."""
        thread = threading.Thread(target=self.serve, args=paths, daemon=True)
        thread.start()
        assert self.begun.acquire(timeout=WITHIN_S)
        return thread

    def sleeper(self, *paths):
        """Return a thread that sleeps after an answer, and then serves these requests."""
        thread = self.thread("/", *paths)
        assert happens(lambda: self.sleeping)
        return thread

    @property
    def sleeping(self):
        return len(self.threads._sleeping)

    def wants_another_after(self, seconds):
        self.time_s += seconds
        return self.threads.look_for_long()


@pytest.fixture
def server():
    """Return a server of which one thread is enough."""
    return Server()


@pytest.fixture
def wide_server():
    """Return a server whose threads never sleep; one of them may be the test's own."""
    return Server(most=9)


def ends(thread):
    thread.join(WITHIN_S)
    return not thread.is_alive()


def test_a_thread_that_is_not_needed_sleeps_after_its_answer(server):
    held = server.thread("/held", "/")
    sleeper = server.sleeper("/")

    assert sleeper.is_alive()
    assert server.served == ["/"]
    server.may_end["/held"].set()  # and then its thread ends
    assert ends(held)
    assert ends(sleeper)
    assert server.served == ["/", "/held", "/", "/"]


def test_when_the_last_one_waits_another_is_woken(server):
    held = server.thread("/held", "/away")
    sleeper = server.sleeper("/")

    server.may_end["/held"].set()

    assert ends(sleeper)
    assert held.is_alive()
    server.may_end["/away"].set()
    assert ends(held)


def test_when_the_last_one_sends_a_stream_another_is_woken(server):
    held = server.thread("/held", "/stream")
    sleeper = server.sleeper("/")

    server.may_end["/held"].set()

    assert ends(sleeper)
    assert held.is_alive()
    server.may_end["/stream"].set()
    assert ends(held)


def test_when_the_last_one_is_busy_for_long_another_is_woken(server):
    held = server.thread("/held")
    sleeper = server.sleeper("/")

    assert server.wants_another_after(LONG_S)

    assert ends(sleeper)
    server.may_end["/held"].set()
    assert ends(held)


def test_when_the_last_one_ends_another_is_woken(server):
    held = server.thread("/held")
    sleeper = server.sleeper("/")

    server.may_end["/held"].set()

    assert ends(held)
    assert ends(sleeper)


def test_a_request_that_fails_leaves_its_thread_as_it_was(wide_server):
    with pytest.raises(ZeroDivisionError):
        wide_server.serve("/broken")
    held = wide_server.thread("/held")
    assert not wide_server.wants_another_after(LONG_S * 0.9)
    assert wide_server.wants_another_after(LONG_S)
    wide_server.may_end["/held"].set()
    assert ends(held)
    assert not wide_server.wants_another_after(LONG_S)


def test_one_that_sleeps_waits_for_a_request_again_in_time(server, monkeypatch):
    monkeypatch.setattr(server_threads, "SLEEP_S", 0.01)
    held = server.thread("/held")

    another = server.thread("/", "/")

    assert ends(another)
    assert not server.sleeping
    server.may_end["/held"].set()
    assert ends(held)


def test_at_the_end_all_are_woken_and_none_sleeps_again(server):
    held = server.thread("/held")
    sleepers = [server.thread("/", "/") for _ in range(3)]
    assert happens(lambda: server.sleeping == 3)

    server.threads.wake_all()

    assert all(map(ends, sleepers))
    server.may_end["/held"].set()
    assert ends(held)


@pytest.mark.parametrize(
    ("headers", "body"), [([], b"x"), ([("Content-Type", "a/b")], b"x"), (LENGTH, b"")]
)
def test_an_answer_that_granian_would_send_otherwise_in_pieces_stays_a_list(server, headers, body):
    held = server.thread("/held")
    server.headers, server.body = headers, body

    another = server.thread("/")

    assert ends(another)
    server.may_end["/held"].set()
    assert ends(held)


def test_a_wait_outside_of_the_servers_threads_has_no_effect(server):
    with server.threads.away():
        pass

    assert not server.wants_another_after(LONG_S)


def test_threads_at_once_leave_as_many_as_there_were():
    server = Server(most=2)
    for event in server.may_end.values():
        event.set()
    paths = ("/", "/away", "/stream", "/held") * 50

    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(server.serve, *paths)
        assert happens(lambda: len(server.served) >= 2 * len(paths))
        server.threads.wake_all()

    assert len(server.served) == 8 * len(paths)
    assert server.threads._active == 0


# When the server sends itself a request, so that granian starts one more thread.


def test_it_is_asked_until_a_request_of_the_servers_own_has_come(wide_server):
    held = wide_server.thread("/held")
    before = [wide_server.wants_another_after(LONG_S), wide_server.wants_another_after(LONG_S)]

    wide_server.serve(wide_server.threads.own_path)

    assert before == [True, True]
    assert not wide_server.wants_another_after(LONG_S)
    wide_server.may_end["/held"].set()
    assert ends(held)


def test_each_newer_one_wants_one_more(wide_server):
    held = [wide_server.thread("/held")]
    wide_server.wants_another_after(LONG_S)
    wide_server.serve(wide_server.threads.own_path)

    held.append(wide_server.thread("/held"))

    assert wide_server.wants_another_after(LONG_S)
    wide_server.may_end["/held"].set()
    assert all(map(ends, held))


def test_a_stream_takes_long_until_it_is_closed(server):
    thread = server.thread("/stream")
    before = server.wants_another_after(LONG_S)

    server.may_end["/stream"].set()

    assert ends(thread)
    assert before
    assert not server.wants_another_after(LONG_S)
