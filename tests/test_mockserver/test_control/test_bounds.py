"""What a client may send has bounds, the same for every route; refusals change nothing."""

from __future__ import annotations

import io

import pytest

from duologue.mockserver.domain.limits import (
    BODY_BYTES,
    JSON_DEPTH,
    LATEST_S,
    LIST_VALUES,
    NUMBER_DIGITS,
)
from duologue.mockserver.http.traffic.bounds import BoundedBodies, exceeded, is_too_deep
from duologue.openapi import document

READS = (
    "/v3/conversations",
    "/v3/users/bo/conversation",
    "/v3/messages",
    "/v3/users",
    "/v3/groups",
    "/_mock/world",
    "/_mock/world?format=yaml",
    "/_mock/journal",
    "/_mock/",
)


MESSAGE = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hi"}}


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def read_all(api):
    """Return the reads by ana that fail."""
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    answers = {path: api.client.get(path, headers=headers) for path in READS}
    return {
        path: one.get_data(as_text=True) for path, one in answers.items() if one.status_code > 399
    }


def send(api, metadata: str, **how):
    body = (
        '{"receiver": "bo", "receiverType": "user", "category": "message", "type": "text",'
        f' "data": {{"text": "x", "metadata": {{"a": {metadata}}}}}}}'
    )
    return api.post("/messages", as_="ana", data=body, content_type="application/json", **how)


@pytest.mark.parametrize(
    ("levels", "status"), [(JSON_DEPTH - 3, 200), (JSON_DEPTH - 2, 400), (246, 400), (1000, 400)]
)
def test_nesting_of_a_body(api, levels, status):
    answer = send(api, nested(levels))

    assert answer.status_code == status, answer.get_data(as_text=True)
    assert read_all(api) == {}


@pytest.mark.parametrize("levels", [101, 246, 1000, 300_000])
def test_nesting_of_a_refused_body(api, levels):
    answer = send(api, nested(levels), key=None)

    assert answer.status_code == 401
    assert read_all(api) == {}


@pytest.mark.parametrize("levels", [101, 246, 1000, 300_000])
@pytest.mark.parametrize("form", ["application/json", "application/yaml"])
def test_nesting_of_a_control_body(control, levels, form):
    status, error = control.refused("PUT", "world", data=nested(levels), content_type=form)

    assert (status, error["code"]) == (400, "ERR_CONTROL_UNREADABLE")
    assert "100 levels" in error["message"] or "nesting depth" in error["message"]


def test_aliases_of_aliases_in_yaml(control):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    status, error = control.refused(
        "PUT", "world", data="\n".join(lines), content_type="application/yaml"
    )

    assert (status, error["code"]) == (400, "ERR_CONTROL_UNREADABLE")
    assert "write the value out" in error["message"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/v3/messages", "POST", 413),
        ("/v3/users/bo/conversation/tags", "PUT", 404),
        ("/v3/conversations/user_bo", "GET", 413),
        ("/v3/nothing", "POST", 404),
        ("/_mock/clock", "PUT", 413),
        ("/_mock/reset", "POST", 413),
    ],
)
def test_a_body_over_the_limit(api, path, method, status):
    answer = api.client.open(
        path,
        method=method,
        data=b" " * (BODY_BYTES + 1),
        content_type="application/json",
        headers={"apikey": "mock-api-key", "onBehalfOf": "ana"},
    )

    assert answer.status_code == status
    assert answer.get_json()["error"]["code"].startswith("ERR_")


def test_a_body_of_the_limit(api):
    body = b'{"tags": ["a"]}'.ljust(BODY_BYTES)

    answer = api.put(
        "/users/bo/conversation", as_="ana", data=body, content_type="application/json"
    )

    assert answer.status_code == 200


def test_the_journal_keeps_none_of_ten_large_bodies(control):
    for _ in range(10):
        answer = control.api.post(
            "/messages", key=None, data=b"x" * 30 * BODY_BYTES, content_type="application/json"
        )
        assert answer.status_code == 413

    assert [entry["request"]["body"] for entry in control.get("journal")] == [None] * 10


def test_a_body_of_unknown_length_over_the_limit():
    seen = {}

    def app(environ, start):
        seen.update(limit=exceeded(environ), body=environ["wsgi.input"].read())
        return []

    for size in (BODY_BYTES, BODY_BYTES + 1):
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": io.BytesIO(b"x" * size),
        }
        BoundedBodies(app)(environ, None)
        assert (seen["limit"], len(seen["body"])) == (
            (None, size) if size == BODY_BYTES else (BODY_BYTES, 0)
        )


@pytest.mark.parametrize("digits", [NUMBER_DIGITS, NUMBER_DIGITS + 1, 4301, 50_000])
@pytest.mark.parametrize("name", ["perPage", "page"])
def test_digits_of_a_number(api, digits, name):
    answer = api.get(f"/conversations?{name}={'9' * digits}", as_="ana")

    assert answer.status_code in {200, 400}
    assert digits <= NUMBER_DIGITS or answer.status_code == 400
    assert read_all(api) == {}


@pytest.mark.parametrize("number", ["9" * 19, "9" * 25, "-" + "9" * 25, "1e20", "1e300", "1.5"])
def test_digits_of_a_number_in_a_body(api, number):
    answer = api.post(
        "/users/bo/conversation/read",
        as_="ana",
        data=f'{{"messageId": {number}}}',
        content_type="application/json",
    )

    assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)
    assert read_all(api) == {}


@pytest.mark.parametrize(
    ("count", "status"), [(LIST_VALUES, 200), (LIST_VALUES + 1, 400), (1000, 400)]
)
def test_values_of_a_list(api, count, status):
    answer = api.get(f"/conversations?tags={','.join(f't{n}' for n in range(count))}", as_="ana")

    assert answer.status_code == status, answer.get_data(as_text=True)
    if status == 400:
        assert answer.get_json()["error"]["details"] == {"tags": ["More than 100 items."]}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"[" * 100, False),
        (b"[" * 101, True),
        (b'"' + b"[" * 200 + b'"', False),
        (b'"\\"' + b"[" * 200 + b'"', False),
        (b"[]" * 200, False),
        (b'{"a":' * 101, True),
        (b'"\\"' * 300_000 + b"[" * 200 + b"\\", False),
    ],
    ids=range(7),
)
def test_depth_of_json(raw, expected):
    assert is_too_deep(raw) is expected


def test_the_latest_time_is_that_of_the_control_document():
    schemas = document.load("control")["components"]["schemas"]

    assert schemas["Moment"]["maximum"] == LATEST_S
    assert schemas["Advance"]["properties"]["seconds"]["maximum"] == LATEST_S


@pytest.mark.parametrize("mode", ["frozen", "running"])
def test_every_answer_can_have_the_latest_time(control, clock, mode):
    """What is done then, and what is read of it, a year later too."""
    control.put("clock", {"mode": mode, "now": LATEST_S})
    clock.now += 365 * 86_400
    api = control.api
    for path, body in (
        ("/messages", MESSAGE),
        ("/users", {"uid": "new", "name": "New"}),
        ("/users/bo/conversation/read", {}),
        ("/users/ana/auth_tokens", {}),
    ):
        answer = api.post(path, as_=None if path == "/users" else "ana", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)

    assert read_all(api) == {}


def test_every_read_works_with_the_latest_time_in_a_world(control):
    message = {"from": "bo", "to": {"user": "ana"}, "text": "Hi", "at": LATEST_S}
    control.put("world", {"users": ["ana", "bo"], "messages": [message]})

    assert read_all(control.api) == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"now": LATEST_S + 1}),
        ("world", {"users": [{"uid": "ana", "lastActiveAt": LATEST_S + 1}]}),
        ("world", {"users": [{"uid": "ana", "lastActiveAt": "5000-01-01"}]}),
    ],
)
def test_no_time_is_later(control, path, body):
    status, error = control.refused("PUT", path, body)

    assert (status, error["code"]) == (422, "ERR_CONTROL_INPUT")


def test_no_clock_is_moved_beyond(control):
    control.put("clock", {"mode": "frozen", "now": LATEST_S})

    status, error = control.refused("POST", "clock/advance", {"seconds": 1})

    assert (status, "the end of the year 4999" in error["details"]["seconds"][0]) == (422, True)
