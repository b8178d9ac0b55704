"""Bad input is refused with its reason, on every route, and changes nothing."""

from __future__ import annotations

import gzip
import json

import pytest

from duologue.mockserver.domain.limits import BODY_BYTES
from duologue.openapi import document

DOCUMENT = document.load("control")
BODIES = {  # what each call that takes a body takes, and what is wrong with other ones
    "putWorld": ({"users": ["ana"]}, [{"users": "ana"}, {"users": [{"uid": ""}]}, []]),
    "saveSnapshot": ({"name": "x"}, [{}, {"name": ""}, {"name": "../x"}, {"name": 1}, "x"]),
    "setClock": (
        {"mode": "frozen", "now": 1},
        [
            {},
            {"mode": "stopped"},
            {"now": -1},
            {"now": 1.5},
            {"now": "1"},
            {"now": 10**12},
            None,
            [],
        ],
    ),
    "advanceClock": (
        {"seconds": 1},
        [{}, {"seconds": -1}, {"seconds": "1"}, {"seconds": 95617583999}],
    ),
    "setFaults": (
        {"faults": []},
        [{}, {"faults": ["none-of-ours"]}, {"faults": "count-is-text"}, []],
    ),
    "addFaults": ({"faults": []}, [{"faults": ["none-of-ours"]}, {"faults": [1]}]),
    "setDialect": ({"dialect": "live"}, [{}, {"dialect": "other"}, {"dialect": None}]),
    "setLatency": (
        {"default": {"ms": 1}},
        [
            {"default": {"ms": -1}},
            {"default": {"ms": 60_001}},
            {"default": {"min_ms": 1}},
            {"default": {"min_ms": 2, "max_ms": 1}},
            {"default": {"ms": 1, "min_ms": 1, "max_ms": 1}},
            {"default": {}},
            {"default": 5},
            {"operations": {"noSuchOperation": {"ms": 1}}},
            {"operations": {"listConversations": {"ms": "1"}}},
            {"listConversations": {"ms": 1}},
        ],
    ),
    "addFailure": (
        {"status": 503},
        [
            {},
            {"status": 200},
            {"status": "503"},
            {"status": 503, "times": 0},
            {"status": 503, "operation": "getUsers"},
            {"delay_ms": -1},
            {"status": 503, "probability": 2},
            {"status": 503, "often": True},
        ],
    ),
    "addWorld": (
        {"name": "beside"},
        [{}, {"name": ""}, {"name": 1}, {"name": "../x"}, {"name": "x", "from": "none-of-ours"}],
    ),
    "send": (
        {"from": "bo", "to": "ana", "text": "Hello"},
        [
            {},
            {"from": "bo", "to": "ana"},
            {"from": "none-of-ours", "to": "ana", "text": "Hello"},
            {"from": "bo", "to": {"user": "none-of-ours"}, "text": "Hello"},
            {"from": "bo", "to": "ana", "text": "Hello", "in_s": -1},
        ],
    ),
    "setPresence": (
        {"uid": "ana", "status": "online", "lastActiveAt": 1},
        [
            {},
            {"uid": "ana"},
            {"status": "online"},
            {"uid": "ana", "status": "away"},
            {"uid": "ana", "lastActiveAt": "1"},
            {"uid": "ana", "lastActiveAt": -1},
            {"uid": "none-of-ours", "status": "online"},
        ],
    ),
    "setSocketFaults": (
        {"late_ms": 5, "cut_after": 1},
        [
            {},
            {"late_ms": -1},
            {"late_ms": 60_001},
            {"twice": "yes"},
            {"cut_after": 0},
            {"uid": ""},
            {"lost": True},
        ],
    ),
    "setRateLimit": (
        {"limit": 5, "per_s": 1},
        [
            {},
            {"limit": 5},
            {"limit": -1, "per_s": 1},
            {"limit": 1, "per_s": 0},
            {"limit": 1, "per_s": 1.5},
        ],
    ),
}
QUERIES = [
    ("journal", "status=abc"),
    ("journal", "status=4x"),
    ("journal", "limit=0"),
    ("journal", "limit=501"),
    ("journal", "limit=ten"),
    ("journal", "bodies=maybe"),
    ("journal", "operaton=getUser"),
    ("world", "format=xml"),
    ("clock", "now=1"),
]
NAMES = [
    ("GET", "journal/none-of-ours", 404),
    ("GET", "why/none-of-ours", 404),
    ("DELETE", "snapshots/none", 404),
    ("POST", "snapshots/none/restore", 404),
    ("DELETE", "snapshots/.hidden", 422),
    ("GET", "openapi/secret.json", 422),
    ("DELETE", "sessions?uid=none-of-ours", 422),
]


def operations():
    return {one.id: one for one in document.operations("control")}


def everything(control):
    """Return everything that a call could change."""
    paths = ("world", "clock", "faults", "dialect", "latency", "rate-limit", "snapshots", "journal")
    return {path: control.get(path) for path in paths}


def test_every_call_with_a_body_is_tried():
    """A new call needs bad input here."""
    taken = {
        operation["operationId"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "requestBody" in operation
    }
    assert taken == BODIES.keys()


@pytest.mark.parametrize(
    ("operation_id", "body"),
    [(name, body) for name, (_, wrong) in BODIES.items() for body in wrong],
    ids=str,
)
def test_a_wrong_body(still, operation_id, body):
    """422 with the paths of the mistakes."""
    operation, before = operations()[operation_id], everything(still)

    answer = still.ask(
        operation.method,
        operation.path[1:],
        data=json.dumps(body).encode(),
        content_type="application/json",
    )

    assert answer.status_code == 422, answer.get_data(as_text=True)
    error = answer.get_json()["error"]
    assert error["code"] == "ERR_CONTROL_INPUT"
    assert error["details"]
    assert everything(still) == before


@pytest.mark.parametrize("operation_id", BODIES)
def test_an_unknown_field(still, operation_id):
    """A misspelled field is reported, not ignored."""
    operation, (fine, _) = operations()[operation_id], BODIES[operation_id]

    status, error = still.refused(operation.method, operation.path[1:], fine | {"nonsense": 1})

    assert status == 422
    assert "nonsense" in error["details"]["body"][0]


@pytest.mark.parametrize("operation_id", BODIES)
@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"a":NaN}'])
def test_what_is_no_json(still, operation_id, raw):
    """400."""
    operation = operations()[operation_id]

    status, error = still.refused(
        operation.method, operation.path[1:], data=raw, content_type="application/json"
    )

    assert (status, error["code"]) == (400, "ERR_CONTROL_UNREADABLE")


@pytest.mark.parametrize(("path", "query"), QUERIES, ids=str)
def test_a_wrong_query(still, path, query):
    """422 with the parameter, known or not."""
    status, error = still.refused("GET", f"{path}?{query}")

    assert status == 422
    assert query.partition("=")[0] in error["details"]


@pytest.mark.parametrize(("method", "path", "expected"), NAMES, ids=str)
def test_a_wrong_name_in_the_path(still, method, path, expected):
    """404 with a hint for an unknown name; 422 for an invalid one."""
    status, error = still.refused(method, path)

    assert status == expected
    assert error["message"]


@pytest.mark.parametrize("path", [path for path in DOCUMENT["paths"] if "{" not in path])
def test_a_wrong_method(still, path):
    """405 with the methods of the path."""
    known = {
        method.upper()
        for method in DOCUMENT["paths"][path]
        if method in {"get", "put", "post", "delete"}
    }
    wrong = next(method for method in ("PATCH", "POST", "DELETE") if method not in known)

    answer = still.ask(wrong, path[1:])

    assert answer.status_code == 405
    assert {*answer.headers["Allow"].split(", ")} == known


@pytest.mark.parametrize("path", ["reset", "snapshots/x/restore"])
def test_a_body_where_none_is_taken(control, path):
    """No body and {} are accepted, anything else is refused."""
    control.post("snapshots", {"name": "x"})

    assert control.refused("POST", path, {"world": "inbox"})[0] == 422
    control.post(path, {})
    control.post(path)


@pytest.mark.parametrize("operation_id", BODIES)
def test_a_body_is_taken_packed_and_marked(control, operation_id):
    """As by the API: gzip, and a byte order mark before the JSON."""
    operation, (fine, _) = operations()[operation_id], BODIES[operation_id]
    body = b"\xef\xbb\xbf" + json.dumps(fine).encode()

    answer = control.ask(
        operation.method,
        operation.path[1:],
        data=gzip.compress(body),
        headers={"Content-Encoding": "gzip"},
        content_type="application/json",
    )

    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("encoding", "pack", "expected"),
    [
        ("br", bytes, (400, "the content encoding br is not taken; send gzip")),
        ("gzip", bytes, (400, "it is not of the content encoding it is said to be")),
        ("gzip", gzip.compress, (413, f"more than {BODY_BYTES} bytes")),
    ],
)
def test_a_body_that_cannot_be_unpacked(still, encoding, pack, expected):
    body = json.dumps({"name": "x"}).encode().ljust(BODY_BYTES + 1)
    body = body if pack is gzip.compress else body[:BODY_BYTES]

    status, error = still.refused(
        "POST",
        "snapshots",
        data=pack(body),
        headers={"Content-Encoding": encoding},
        content_type="application/json",
    )

    assert (status, expected[1] in error["message"]) == (expected[0], True)


def test_of_many_unknown_parameters_the_first_are_told(still):
    query = "&".join(f"unknown{number}=1" for number in range(100))

    status, error = still.refused("GET", f"journal?{query}")

    assert status == 422
    assert list(error["details"]) == [*(f"unknown{number}" for number in range(20)), "..."]
