"""Answers that break on their way, as both servers send them."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from support.servers.served import mock_of
from support.waiting import WITHIN_S

BODY = {"receiver": "bo", "receiverType": "user", "data": {"text": "Sent before the cut"}}


@pytest.fixture(scope="module", params=["granian", "waitress"])
def mock(request):
    with mock_of(request.param) as mock:
        yield mock


@pytest.fixture(autouse=True)
def _reset(mock):
    mock.reset()


def ask(mock, method="GET", path="/conversations", body=None):
    """Return the response of a connection of its own, its body unread."""
    parts = urlsplit(mock.url)
    link = http.client.HTTPConnection(parts.netloc, timeout=WITHIN_S)
    headers = mock.headers("ana") | {"Content-Type": "application/json"}
    link.request(method, parts.path + path, body and json.dumps(body), headers)
    return link.getresponse()


def messages(mock):
    return str(mock.control_request("GET", "/world")["messages"])


def test_a_dropped_request_is_not_answered_and_not_done(mock):
    mock.fail("sendMessage", drop=True)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(mock, "POST", "/messages", BODY)

    assert BODY["data"]["text"] not in messages(mock)
    assert [entry["code"] for entry in mock.journal] == ["ERR_MOCK_DROPPED"]


def test_half_an_answer_is_cut_though_it_was_done(mock):
    mock.fail("sendMessage", half=True)
    answer = ask(mock, "POST", "/messages", BODY)

    assert answer.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionError)) as cut:
        answer.read()
    if isinstance(cut.value, http.client.IncompleteRead):
        assert cut.value.expected
    assert BODY["data"]["text"] in messages(mock)


def test_a_slow_body_comes_in_pieces_and_whole(mock):
    mock.fail(slow_ms=100)
    answer = ask(mock)

    assert len(json.loads(answer.read())["data"])
    assert mock.control_request("GET", "/health")


def test_offline_and_back(mock):
    mock.fail(drop=True, times=None)
    for _ in range(2):
        with pytest.raises(http.client.RemoteDisconnected):
            ask(mock)
    mock.stop_failing()

    assert ask(mock).status == 200


def test_slow_bodies_keep_nobody_waiting(mock):
    """More of them than requests are answered at once; a reset lets them go on at once."""
    mock.fail(slow_ms=60_000, times=8)
    slow = [ask(mock) for _ in range(8)]

    assert ask(mock).status == 200
    mock.reset()
    assert [len(json.loads(answer.read())["data"]) > 0 for answer in slow] == [True] * 8
