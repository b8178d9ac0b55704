"""Delayed requests keep nobody else waiting, and a fresh mock has an empty journal."""

from __future__ import annotations

import threading
import urllib.request
from urllib.parse import urlsplit

import pytest

from duologue.mockserver.testing import at
from support.servers.served import mock_of, served

WAITING = 200


@pytest.mark.parametrize("server", ["granian", "waitress"])
def test_the_control_plane_answers_while_requests_wait(server):
    """200 requests wait; health answers, and switching the delay off releases them all."""
    with mock_of(server) as mock:
        mock.control_request(
            "PUT", "/latency", {"operations": {"listConversations": {"ms": 60_000}}}
        )
        statuses: list[int] = []

        def ask() -> None:
            request = urllib.request.Request(
                f"{mock.url}/conversations", headers=mock.headers("ana")
            )
            with urllib.request.urlopen(request, timeout=100) as answer:
                statuses.append(answer.status)

        threads = [threading.Thread(target=ask) for _ in range(WAITING)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            assert mock.control_request("GET", "/health")
        assert statuses == []
        mock.control_request("PUT", "/latency", {"default": None})
        for thread in threads:
            thread.join(100)

        assert statuses == [200] * WAITING


def test_a_fresh_mock_has_an_empty_journal():
    with served() as url, at(url) as mock:
        assert urlsplit(mock.url).port
        assert list(mock.journal) == []
