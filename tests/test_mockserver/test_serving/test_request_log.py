"""The line on the terminal for each request."""

from __future__ import annotations

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.request_log import line

HEADERS = {"apikey": "mock-api-key", "onBehalfOf": "ana"}


def lines_of(*paths: str) -> list[str]:
    """Return what is printed for these requests, without the time of day and the duration."""
    printed: list[str] = []
    app = create_app(world=examples(42), log=lambda entry: printed.append(line(entry)))
    for path in paths:
        app.test_client().get(path, headers=HEADERS)
    inside(app).close()
    return printed


def test_a_request_is_a_line_with_who_asked_and_what_was_answered():
    (text,) = lines_of("/v3/conversations?perPage=5")

    assert " 200 GET /v3/conversations?perPage=5 as ana " in text
    assert text.endswith(" ms")


def test_a_refusal_says_what_was_wrong():
    (text,) = lines_of("/v3/conversations?perPage=0")

    assert " 400 GET " in text
    assert "perPage: 0 is less than the minimum of 1" in text


def test_nothing_in_a_request_moves_the_cursor():
    (text,) = lines_of("/v3/users/%1b%5d0;x%07/conversation")

    assert "\x1b" not in text
    assert "\x07" not in text


def test_requests_of_other_worlds_are_lines_too_and_the_mocks_own_pages_are_none():
    assert len(lines_of("/_world/one/v3/users", "/_mock/health", "/_mock/")) == 1
