"""Delayed requests keep nobody else waiting, and a fresh mock has an empty journal."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from duologue.mockserver.testing import at, running

SERVE = (sys.executable, "-P", "-m", "duologue.mockserver", "serve", "--port", "0")
WAITING = 100


@contextmanager
def served() -> Iterator[str]:
    process = subprocess.Popen(
        [*SERVE, "--print-url", "json"], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def mock_of(server: str):
    if server == "waitress":
        with running() as mock:
            yield mock
    else:
        with served() as url, at(url) as mock:
            yield mock


@pytest.mark.parametrize("server", ["granian", "waitress"])
def test_the_control_plane_answers_while_requests_wait(server):
    """100 requests wait; health answers, and switching the delay off releases them all."""
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
