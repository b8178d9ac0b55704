"""Exchanges for tests of the proxy's checks, and a proxy before a server in this process."""

import json
from contextlib import closing, contextmanager

import pytest

from duologue import openapi
from duologue.contracts.proxy.exchange import Exchange, ReadExchange
from duologue.contracts.proxy.forwarding import Forwarder
from duologue.contracts.proxy.record import Record
from duologue.contracts.proxy.server import ProxyServer

ROWS = {row.id: row for row in openapi.operations()}
ORIGIN = "http://host"


@pytest.fixture
def exchange():
    """Return a function that makes an exchange; bodies are given as values or as bytes."""

    def exchange(  # one word for each part
        name, *, query="", headers=None, body=None, status=200, answer=None, answer_headers=None
    ):
        target = "/v3" + ROWS[name].path.replace("{", "").replace("}", "") + query
        headers = {"apikey": "client-key-1", "onbehalfof": "ana"} if headers is None else headers
        return ReadExchange(
            Exchange(
                ROWS[name],
                ORIGIN,
                target,
                headers,
                _bytes(body),
                status,
                answer_headers or {"content-type": "application/json"},
                _bytes(answer),
            )
        )

    return exchange


def _bytes(value):
    if value is None or isinstance(value, bytes):
        return value or b""
    return json.dumps(value).encode()


@pytest.fixture
def proxied():
    """Return a context manager: a proxy before a target gives its origin and its record."""

    @contextmanager
    def proxied(target, **how):
        record = Record()
        forwarder = Forwarder(target, record, **how)
        with (
            closing(forwarder),
            ProxyServer(forwarder, "127.0.0.1", port=0, threads=4) as server,
        ):
            yield server.origin, record

    return proxied
