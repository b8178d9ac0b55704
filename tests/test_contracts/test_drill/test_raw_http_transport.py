"""The transport over plain connections."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from duologue.contracts.drill.raw_http_transport import RawHttpTransport
from duologue.contracts.errors import NotReached
from support.waiting import WITHIN_S


@pytest.fixture
def echo():
    """Return ``echo(*answers)``: the URL of a server that sends these bytes, one per request."""
    threads = []

    def echo(*answers):
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            connection, _ = listener.accept()
            for answer in answers:
                connection.recv(65536)
                for piece in answer:
                    connection.sendall(piece)
                    time.sleep(0.01)
            connection.close()
            listener.close()

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v3/conversations"

    yield echo
    for thread in threads:
        thread.join(WITHIN_S)


def request(transport, url):
    return transport.send("listConversations", method="GET", url=url, headers={"apikey": "k"})


def test_an_answer_may_come_in_pieces(echo):
    """Head and body are read completely, wherever they are split."""
    body = '{"data": "ü"}'.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nX: y\r\n\r\n".encode()
    url = echo((head[:9], head[9:] + body[:3], body[3:]), (head + body,))
    transport = RawHttpTransport(timeout_s=WITHIN_S)

    answers = [request(transport, url) for _ in range(2)]
    transport.close()
    assert [answer.body for answer in answers] == [{"data": "ü"}] * 2
    assert answers[0].headers["x"] == "y"
    assert transport.counts() == {"listConversations": {200: 2}}


def test_an_answer_without_a_body(echo):
    transport = RawHttpTransport(timeout_s=WITHIN_S)
    answer = request(transport, echo((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)))
    transport.close()

    assert (answer.status, answer.body) == (404, None)


def test_a_mock_that_closes_the_connection_is_not_reached(echo):
    transport = RawHttpTransport(timeout_s=WITHIN_S)

    with pytest.raises(NotReached, match="closed the connection"):
        request(transport, echo((b"HTTP/1.1 200 OK\r\n",)))
    transport.close()


EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_a_request_beside_another_takes_a_connection_of_its_own():
    """The first one is not answered before the second one has come, on another connection."""
    transport = RawHttpTransport(timeout_s=WITHIN_S)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(2) as pool:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v3/conversations"
        requests = [pool.submit(request, transport, url) for _ in range(2)]
        for connection in [listener.accept()[0] for _ in range(2)]:
            with connection:
                connection.recv(65536)
                connection.sendall(EMPTY)
        statuses = [each.result(WITHIN_S).status for each in requests]
    transport.close()

    assert statuses == [200, 200]


def test_a_connection_that_was_closed_unanswered_is_not_used_again(echo):
    """What would come next on it is not known."""
    transport = RawHttpTransport(timeout_s=WITHIN_S)
    with suppress(NotReached):
        request(transport, echo((b"HTTP/1.1 200 OK\r\n",)))
    answer = request(transport, echo((EMPTY,)))
    transport.close()

    assert answer.status == 200
