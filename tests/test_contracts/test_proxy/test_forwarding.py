"""What passes through the proxy, over real connections."""

import http.client
import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import trustme

from duologue.contracts.errors import ProxyNotStarted
from duologue.contracts.http.connection import MAX_ANSWER_BYTES, Network
from duologue.contracts.http.target import SecretHeader
from duologue.contracts.proxy.server import ProxyServer
from support.waiting import WITHIN_S

NO_ONE = "http://127.0.0.1:9"  # the discard port: nothing listens


class Target(BaseHTTPRequestHandler):
    """Remembers requests and answers as ``answer`` says."""

    protocol_version = "HTTP/1.1"

    def do_any(self):
        length = int(self.headers.get("content-length") or 0)
        content = self.rfile.read(length)
        self.server.requests.append((self.command, self.path, self.headers, content))
        self.server.answer(self)

    do_GET = do_POST = do_PUT = do_HEAD = do_any  # noqa: N815

    def reply(self, content, status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def log_message(self, *_):
        pass


@contextmanager
def target(answer, *, tls=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Target)
    server.requests, server.answer = [], answer
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.requests
    finally:
        server.shutdown()
        server.server_close()


def ask(origin, method, path, *, headers=None, body=None):
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=WITHIN_S)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_headers_of_a_gateway_go_with_every_request(proxied):
    """In place of the client's; cookies beside the client's; of no operation's request, too."""
    own = (SecretHeader("X-Gateway", "secret-1", "$G"), SecretHeader("Cookie", "g=2", "g=$C"))
    headers = {"x-gateway": "of the client", "Cookie": "own=1"}
    with (
        target(lambda it: it.reply(b"{}")) as (url, seen),
        proxied(f"{url}/v3", headers=own, rate_per_s=1_000) as (origin, _),
    ):
        ask(origin, "GET", "/v3/conversations", headers=headers)
        ask(origin, "GET", "/elsewhere")

    got = [(each[2].get_all("X-Gateway"), each[2]["Cookie"]) for each in seen]
    assert got == [(["secret-1"], "own=1; g=2"), (["secret-1"], "g=2")]


def test_method_path_query_headers_and_body_arrive_as_they_were_sent(proxied):
    path = "/v3/users/a%2Fb%20c/conversation?x=%2C&y=a+b&y=2"
    body = b'{"tags": ["\xc3\xa9"]}'
    headers = {"apikey": "key", "onBehalfOf": "ana", "X-Own": "1", "Content-Type": "x/y"}
    with target(lambda it: it.reply(b"{}")) as (url, seen), proxied(f"{url}/v3") as (origin, _):
        ask(origin, "PUT", path, headers=headers, body=body)

    (method, arrived, got, content) = seen[0]
    assert (method, arrived, content) == ("PUT", path, body)
    assert {name: got[name] for name in headers} == headers
    assert got["Host"] == urlsplit(url).netloc


def test_headers_of_one_connection_are_not_passed_on(proxied):
    headers = {"Connection": "keep-alive, X-Hop", "X-Hop": "1", "Keep-Alive": "9", "TE": "gzip"}

    def answer(it):
        it.reply(b"{}", **{"Connection": "X-Back", "X-Back": "1", "X-Kept": "2"})

    with target(answer) as (url, seen), proxied(f"{url}/v3") as (origin, _):
        back, _ = ask(origin, "GET", "/v3/conversations", headers=headers)

    got = {*map(str.lower, seen[0][2])}
    assert not {"x-hop", "keep-alive", "te", "user-agent"} & got
    assert back.headers["X-Back"] is None
    assert back.headers["X-Kept"] == "2"


@pytest.mark.parametrize("path", ["/v3/conversations", "/v3/other"])
def test_status_headers_and_body_come_back_as_they_were(proxied, path):
    def answer(it):
        it.reply(b"\x00\xff", 418, **{"Content-Type": "image/x", "X-Request-Id": "7"})

    with target(answer) as (url, _), proxied(f"{url}/v3") as (origin, _):
        back, content = ask(origin, "GET", path)

    assert (back.status, content) == (418, b"\x00\xff")
    assert (back.headers["Content-Type"], back.headers["X-Request-Id"]) == ("image/x", "7")


def test_a_redirect_is_the_clients_matter(proxied):
    with (
        target(lambda it: it.reply(b"", 302, Location="/elsewhere")) as (url, seen),
        proxied(f"{url}/v3") as (origin, _),
    ):
        back, _ = ask(origin, "GET", "/v3/conversations")

    assert (back.status, back.headers["Location"], len(seen)) == (302, "/elsewhere", 1)


def test_one_connection_carries_several_requests(proxied):
    with (
        target(lambda it: it.reply(b"{}")) as (url, seen),
        proxied(f"{url}/v3") as (origin, record),
    ):
        connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=WITHIN_S)
        for _ in range(3):
            connection.request("GET", "/v3/conversations")
            connection.getresponse().read()
        connection.close()

    assert len(seen) == record.passed == record.judged == 3


def test_head_and_an_empty_answer_have_no_body(proxied):
    def answer(it):
        it.reply(b"12345") if it.command == "HEAD" else it.reply(b"", 204)

    with target(answer) as (url, _), proxied(url) as (origin, _):
        head, nothing = ask(origin, "HEAD", "/x")
        empty, nothing_too = ask(origin, "GET", "/x")

    assert (head.headers["Content-Length"], nothing) == ("5", b"")
    assert (empty.status, nothing_too) == (204, b"")


def test_what_is_no_operation_comes_part_by_part(proxied):
    """An event stream is read before it ends; it ends only after its first part arrived."""
    arrived = threading.Event()

    def answer(it):
        it.send_response(200)
        it.send_header("Transfer-Encoding", "chunked")
        it.end_headers()
        it.wfile.write(b"5\r\nfirst\r\n")
        it.wfile.flush()
        assert arrived.wait(WITHIN_S)
        it.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    with target(answer) as (url, _), proxied(url) as (origin, _):
        connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=WITHIN_S)
        connection.request("GET", "/events")
        back = connection.getresponse()
        first = back.read1(5)
        arrived.set()
        rest = back.read()
        connection.close()

    assert (first, rest) == (b"first", b"last")


def test_a_target_that_is_not_there_is_502_in_an_envelope(proxied):
    with proxied(f"{NO_ONE}/v3") as (origin, record):
        back, content = ask(origin, "GET", "/v3/conversations")

    error = json.loads(content)["error"]
    assert back.status == 502
    assert error["code"] == "ERR_BAD_GATEWAY"
    assert error["message"].startswith("contracts proxy: http://127.0.0.1:9 gave no usable answer")
    assert "Connection refused" in error["message"]  # it was not waited for
    assert "within" not in error["message"]
    assert (record.passed, record.failed, record.judged) == (1, 1, 0)


def test_an_answer_without_end_is_bounded(proxied):
    with (
        target(lambda it: it.reply(bytes(MAX_ANSWER_BYTES + 1))) as (url, _),
        proxied(f"{url}/v3") as (origin, _),
    ):
        back, content = ask(origin, "GET", "/v3/conversations")

    assert back.status == 502
    assert "longer than" in json.loads(content)["error"]["message"]


def test_an_answer_that_does_not_come_is_bounded_in_time(proxied):
    ended = threading.Event()
    with (
        target(lambda it: ended.wait(WITHIN_S)) as (url, _),
        proxied(f"{url}/v3", timeout_s=0.2) as (origin, _),
    ):
        back, content = ask(origin, "GET", "/v3/conversations")
        ended.set()

    assert back.status == 502
    assert "no answer within 0.2 s" in json.loads(content)["error"]["message"]


def test_a_body_that_is_too_long_is_refused_in_an_envelope(proxied):
    with target(lambda it: it.reply(b"{}")) as (url, seen), proxied(url) as (origin, _):
        headers = {"Content-Length": str(64 * 1024**2)}
        connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=WITHIN_S)
        connection.request("POST", "/x", headers=headers)
        back = connection.getresponse()
        content = back.read()
        connection.close()

    assert back.status == 413
    assert json.loads(content)["error"]["message"].startswith("contracts proxy: ")
    assert seen == []


def test_a_taken_port_is_told_in_a_sentence():
    with (
        ProxyServer(lambda *_: [], "127.0.0.1", port=0, threads=1) as first,
        pytest.raises(ProxyNotStarted, match="cannot listen on"),
    ):
        ProxyServer(lambda *_: [], "127.0.0.1", port=urlsplit(first.origin).port, threads=1).start()


@pytest.mark.parametrize("trusts", [True, False])
def test_a_target_behind_tls_is_reached_if_its_authority_is_trusted(proxied, tmp_path, trusts):
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path / "ca.pem"
    (authority if trusts else other).cert_pem.write_to_path(path)
    network = Network(ca_file=str(path))
    with target(lambda it: it.reply(b"{}"), tls=context) as (url, seen):
        https = url.replace("http:", "https:")
        with proxied(f"{https}/v3", network=network) as (origin, _):
            back, _ = ask(origin, "GET", "/v3/conversations")

    assert (back.status, len(seen)) == ((200, 1) if trusts else (502, 0))
