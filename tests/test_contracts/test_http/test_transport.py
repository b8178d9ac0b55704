"""The transport: pauses, counts, bounds, and requests that wait for their place."""

import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.http.response import Response, read
from duologue.contracts.http.retry import RetryPolicy
from duologue.contracts.http.transport import Transport, encoded

DONE = Response(200, {}, {"data": {}}, '{"data": {}}')


def busy(**headers):
    return Response(429, headers, None, "")


class Scripted(Transport):
    """Gives prepared answers one after the other, the last one for ever."""

    def __init__(self, *answers, sleep):
        super().__init__(timeout_s=1, sleep=sleep)
        self.answers = list(answers)

    def _once(self, method, url, *, headers, content):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def slept():
    """What was slept, in seconds."""
    return []


@pytest.fixture
def scripted(slept):
    return lambda *answers: Scripted(*answers, sleep=slept.append)


def ask(transport, **options):
    return transport.send("getUser", method="GET", url="http://host/v3/x", headers={}, **options)


@pytest.fixture
def serve():
    """``serve(handle)``: the address of a server that answers GET with ``handle(handler)``."""
    servers = []

    def start(handle):
        handler = type(
            "Handler",
            (http.server.BaseHTTPRequestHandler,),
            {"do_GET": handle, "log_message": lambda *_: None},
        )
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def page(handler, content, *, status=200, kind="text/html", **headers):
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def test_429_is_waited_out_as_long_as_it_asks(scripted, slept):
    """Retry-After says how long; then the same request goes out again."""
    transport = scripted(busy(**{"retry-after": "2"}), busy(**{"retry-after": "0.25"}), DONE)

    assert ask(transport).status == 200
    assert sum(slept) == pytest.approx(2.25)


def test_429_is_in_the_books(scripted):
    """Each answer is counted under its operation, the refusals too."""
    transport = scripted(busy(), busy(), DONE)
    ask(transport)

    assert transport.counts() == {"getUser": {200: 1, 429: 2}}


def test_429_without_end_is_not_reached(scripted, slept):
    """A limit that never lifts is no answer, and no break."""
    transport = scripted(busy(**{"retry-after": "1"}))
    transport.policy = RetryPolicy(waits_s=8)
    with pytest.raises(NotReached, match="kept answering 429"):
        ask(transport)

    assert sum(slept) == pytest.approx(8)


def test_the_end_of_a_run_does_not_wait_for_a_429(scripted, slept):
    """Ctrl-C while a minute is waited for ends the waiting."""
    transport = scripted(busy(**{"retry-after": "60"}))

    def sleep(seconds):
        slept.append(seconds)
        transport.stopping.set()

    transport._sleep = sleep
    with pytest.raises(Interrupted):
        ask(transport)

    assert sum(slept) <= 0.5


def test_cleaning_up_goes_on_after_the_end_of_a_run(scripted, slept):
    """A call that cleans up is made, and waits for a 429, when all others are refused."""
    transport = scripted(busy(**{"retry-after": "2"}), DONE)
    transport.stopping.set()

    assert ask(transport, cleaning=True).status == 200
    assert sum(slept) == pytest.approx(2)
    with pytest.raises(Interrupted):
        ask(transport)


def test_nobody_there_is_not_reached(closed_port):
    """A refused connection is told with its address and reason."""
    with pytest.raises(NotReached, match=r"refused"):
        Transport(timeout_s=1).send(
            "getUser", method="GET", url=f"http://127.0.0.1:{closed_port}/v3", headers={}
        )


def test_an_answer_that_does_not_come_is_not_reached(serve):
    """The time to answer is limited: the transport gives up while the server still waits."""
    end = threading.Event()
    url = serve(lambda handler: end.wait())
    try:
        with pytest.raises(NotReached, match="timed out"):
            Transport(timeout_s=0.2).send("getUser", method="GET", url=url, headers={})
        assert not end.is_set()
    finally:
        end.set()


def test_an_answer_that_is_cut_off_is_not_reached(serve):
    """Half a body is no answer."""

    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"data"')
        handler.close_connection = True

    with pytest.raises(NotReached):
        Transport(timeout_s=1).send("getUser", method="GET", url=serve(half), headers={})


def test_a_redirect_is_an_answer(serve):
    """Nobody is led to another host with the key in hand."""
    url = serve(lambda handler: page(handler, b"", status=302, Location="http://elsewhere/"))
    answer = Transport(timeout_s=60).send("getUser", method="GET", url=url, headers={})

    assert answer.status == 302


@pytest.mark.parametrize("host", ["http://", "http://[::1", "http://a..b/v3", "ftp://x/"])
def test_an_address_that_is_none_is_not_reached(host):
    """Whatever the address, the transport raises nothing else."""
    with pytest.raises(NotReached):
        Transport(timeout_s=1).send("getUser", method="GET", url=host, headers={})


def test_bytes_are_sent_as_they_are():
    """A body that is no JSON can be sent on purpose."""
    assert encoded(b"\xff{") == b"\xff{"
    assert encoded({"a": "é"}) == '{"a": "é"}'.encode()
    assert encoded(None) is None


class Counting(Transport):
    """Notes how many requests were under way at once."""

    def __init__(self, **options):
        super().__init__(timeout_s=1, **options)
        self.under_way, self.most, self._guard = 0, 0, threading.Lock()
        self._together = threading.Barrier(3)

    def _once(self, method, url, *, headers, content):
        with self._guard:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self._together.wait(timeout=60)
        with self._guard:
            self.under_way -= 1
        return DONE


def test_no_more_requests_are_under_way_than_allowed():
    """However many scenes are played: a guest does not come with a crowd."""
    transport = Counting(connections=3)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: ask(transport), range(24)))

    assert transport.most == 3


class Ending(Transport):
    """Answers every request, and is ended while a request waits for its place."""

    def __init__(self, *ends, **options):
        self.slept, self.sent, self.ends = [], 0, ends
        super().__init__(timeout_s=1, rate_per_s=1 / 60, sleep=self.ended, **options)

    def ended(self, seconds):
        self.slept.append(seconds)
        for name in self.ends:
            getattr(self, name).set()

    def _once(self, method, url, *, headers, content):
        self.sent += 1
        return read(200, {}, content=b'{"data": {}}')


def second_of(transport, *, cleaning):
    words = {"method": "GET", "url": "http://direct/v3/users", "headers": {}}
    transport.send("listUsers", **words, cleaning=cleaning)
    return lambda: transport.send("listUsers", **words, cleaning=cleaning)


@pytest.mark.parametrize(
    ("ends", "cleaning"), [(("stopping",), False), (("stopping", "given_up"), True)]
)
def test_a_request_that_waits_for_its_place_does_not_outlast_the_run(ends, cleaning):
    """At one request a minute Ctrl-C ends the wait within half a second, and nothing is sent."""
    transport = Ending(*ends)
    again = second_of(transport, cleaning=cleaning)

    with pytest.raises(Interrupted):
        again()
    assert (transport.slept, transport.sent) == ([0.5], 1)


def test_a_removal_waits_for_its_place_after_the_first_ctrl_c():
    transport = Ending("stopping")
    second_of(transport, cleaning=True)()

    assert sum(transport.slept) > 59
    assert transport.sent == 2
