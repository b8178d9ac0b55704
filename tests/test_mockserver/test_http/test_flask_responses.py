"""Answers as a server gets them."""

from __future__ import annotations

import tracemalloc

import pytest

from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.flask_responses import FlaskResponder
from duologue.mockserver.http.traffic.rate_limit import RateLimit

BODY = b'{"data":[]}'


def sent(method: str, status: int = 200) -> tuple[object, dict[str, str]]:
    """Return the body and the headers that a server gets of one answer."""
    left = RateLimit(lambda: 0).take()
    response = FlaskResponder().send(ApiResponse(status, {}, {"data": []}), left).response
    headers: dict[str, str] = {}
    body = response({"REQUEST_METHOD": method}, lambda _, pairs: headers.update(pairs))
    return body, headers


@pytest.mark.parametrize(("method", "body"), [("GET", [BODY]), ("PUT", [BODY]), ("HEAD", [])])
def test_a_body_is_given_as_a_list(method, body):
    """Granian sends a list at once, and an iterator piece by piece."""
    given, headers = sent(method)

    assert given == body
    assert headers["Content-Length"] == str(len(BODY))


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_no_body(status):
    given, _ = sent("GET", status)

    assert list(given) == []


def test_a_body_takes_no_more_memory_than_its_bytes():
    """The journal keeps it; orjson alone would leave it the 8 KiB that it was written in."""
    left, responder = RateLimit(lambda: 0).take(), FlaskResponder()
    answer = ApiResponse(200, {}, {"data": "x" * 2000})
    responder.send(answer, left)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        bodies = [responder.send(answer, left).body for _ in range(50)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert after - before < 1.5 * sum(map(len, bodies))
