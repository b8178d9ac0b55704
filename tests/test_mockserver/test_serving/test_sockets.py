"""The sockets of several workers share a port, and no other mock does."""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import ExitStack

import pytest

from duologue.mockserver.serving import sockets
from duologue.mockserver.serving.sockets import AddressUnusable, listen, spread

CLIENTS = 64
HOSTS = ["127.0.0.1", "::1", "localhost"]


@pytest.fixture
def opened():
    with ExitStack() as stack:
        yield stack


def accepted(sock: socket.socket) -> int:
    """Return how many connections wait at a socket."""
    for number in range(CLIENTS + 1):
        try:
            sock.accept()[0].close()
        except BlockingIOError:
            return number
    raise AssertionError


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections")
@pytest.mark.parametrize("host", HOSTS)
def test_each_worker_gets_some_of_the_connections(opened, host):
    """That one of four gets none of 64 happens once in 25 million times."""
    spread_over = spread(opened.enter_context(listen(host, 0)), 4)
    for each in spread_over[1:]:
        opened.enter_context(each)
    address = spread_over[0].getsockname()[:2]
    for _ in range(CLIENTS):
        opened.enter_context(socket.create_connection(address))

    found = [accepted(each) for each in spread_over]

    assert sum(found) == CLIENTS
    assert all(found), found
    assert len({each.getsockname() for each in spread_over}) == 1


@pytest.mark.parametrize("host", HOSTS)
def test_another_mock_cannot_have_the_port(opened, host):
    sock = opened.enter_context(listen(host, 0))
    port = sock.getsockname()[1]
    for each in spread(sock, 2)[1:]:
        opened.enter_context(each)

    with pytest.raises(AddressUnusable) as error:
        listen(host, port)

    assert "the port is in use" in str(error.value)


def test_other_systems_have_one_socket_for_all(opened, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    sock = opened.enter_context(listen("127.0.0.1", 0))

    assert spread(sock, 3) == [sock, sock, sock]
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 0


def test_a_system_that_refuses_more_sockets_has_one_for_all(opened, monkeypatch):
    def refuse(sock):
        raise OSError(errno.EADDRINUSE, "the address is in use")

    monkeypatch.setattr(sockets, "_twin", refuse)
    sock = opened.enter_context(listen("127.0.0.1", 0))

    assert spread(sock, 2) == [sock, sock]
