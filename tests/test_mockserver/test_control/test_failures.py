"""Failures on demand: this call fails once, then works."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from duologue.mockserver.control.failures import from_header
from duologue.mockserver.http.middleware import Failure
from support.waiting import WITHIN_S

LIST = "/conversations"


def statuses(control, count, path=LIST, **how):
    how.setdefault("as_", "ana")
    return [control.api.get(path, **how).status_code for _ in range(count)]


def test_a_call_fails_once_and_then_works(control):
    rule = control.post("failures", {"operation": "listConversations", "status": 503, "times": 1})

    assert statuses(control, 3) == [503, 200, 200]
    assert rule["matched"] == rule["failed"] == 0
    (now,) = control.get("failures")
    assert (now["matched"], now["failed"]) == (3, 1)


def test_the_error_is_in_the_envelope_with_the_code_that_was_asked_for(control):
    control.post("failures", {"path": LIST, "status": 500, "code": "ERR_OVERLOAD"})

    assert control.api.refusal(control.api.get(LIST, as_="ana")) == (500, "ERR_OVERLOAD")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"after": 2, "times": 1}, [200, 200, 500, 200]),
        ({"times": 2}, [500, 500, 200, 200]),
        ({"caller": "bo"}, [200, 200, 200, 200]),
        ({"path": "/users/*"}, [200, 200, 200, 200]),
        ({"path": "/conv*"}, [500, 500, 500, 500]),
        ({"operation": "getUser"}, [200, 200, 200, 200]),
    ],
)
def test_which_requests_fail(control, wanted, expected):
    control.post("failures", {"status": 500, **wanted})

    assert statuses(control, 4) == expected


def test_the_same_seed_fails_the_same_requests(control):
    draws = []
    for _ in range(2):
        control.delete("failures")
        control.post("failures", {"status": 500, "probability": 0.5, "seed": 7})
        draws.append(statuses(control, 12))

    assert draws[0] == draws[1]
    assert {200, 500} == set(draws[0])


def test_failures_are_removed_one_by_one_or_all(control):
    first = control.post("failures", {"status": 500})["id"]
    second = control.post("failures", {"status": 501})["id"]

    assert [rule["id"] for rule in control.delete(f"failures/{first}")] == [second]
    assert control.refused("DELETE", f"failures/{first}")[0] == 404
    assert control.delete("failures") == []
    assert statuses(control, 1) == [200]


def test_a_reset_removes_them(control):
    control.post("failures", {"status": 500})
    control.post("reset")

    assert control.get("failures") == []


def test_an_unknown_operation_is_refused_with_a_suggestion(control):
    status, error = control.refused(
        "POST", "failures", {"operation": "listConversation", "status": 500}
    )

    assert status == 422
    assert "Did you mean listConversations?" in str(error["details"])


def test_a_failure_changes_nothing_and_is_journaled(control):
    before = control.get("world")
    control.post("failures", {"operation": "sendMessage", "status": 500, "times": 1})
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": "hi"}}

    assert control.api.post("/messages", as_="ana", json=body).status_code == 500
    assert control.get("world") == before
    assert control.get("journal")[-1]["status"] == 500


@pytest.mark.parametrize("where", ["header", "query"])
def test_one_request_asks_for_its_own_failure(control, where):
    how = (
        {"headers": {"X-Mock": "status=503; code=ERR_X"}}
        if where == "header"
        else {"query_string": {"__mock": "status=503; code=ERR_X"}}
    )

    assert control.api.refusal(control.api.get(LIST, as_="ana", **how)) == (503, "ERR_X")
    assert statuses(control, 1) == [200]


def test_a_header_counts_only_where_the_control_plane_is_open(control_of, open_api):
    from duologue.fixtures.examples import examples  # noqa: PLC0415

    api = open_api(examples(42), host="0.0.0.0")

    assert api.get(LIST, as_="ana", headers={"X-Mock": "status=503"}).status_code == 200


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("status=503", Failure(status=503)),
        (" delay=20 ; status=404;code=ERR_X", Failure(status=404, code="ERR_X", delay_ms=20)),
        ("drop", Failure(drop=True)),
        ("half; slow=30", Failure(half=True, slow_ms=30)),
        ("delay=0", None),
        ("", None),
        (";;", None),
    ],
)
def test_what_a_header_asks_for(text, failure):
    assert from_header(text) == failure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code=ERR_X", "code goes with a status"),
        ("status=503; code=", "code is empty"),
        ("status=200", "status is a number from 400 to 599"),
        ("status=abc; delay=-1", "status is a number"),
        ("status=503; delay=-1", "delay is a number from 0 to 60000"),
        ("delay=99999999", "delay is a number"),
        ("stats=503", "'stats' is not known, did you mean status?"),
        ("status=503, delay=5", "status is a number"),
        ("drop=no", "drop takes no value"),
        ("drop; status=503", "drop answers nothing"),
        ("=", "'' is not known"),
    ],
)
def test_a_header_that_cannot_be_understood_is_refused(control, text, said):
    answer = control.api.get(LIST, as_="ana", headers={"X-Mock": text})

    assert control.api.refusal(answer) == (400, "ERR_MOCK_HEADER")
    assert said in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("path", ["/v3/conversations", "/conversations", "/v3/conv*"])
def test_a_path_is_written_with_or_without_version(control, path):
    control.post("failures", {"path": path, "status": 500, "times": None})

    assert statuses(control, 2) == [500, 500]


@pytest.mark.parametrize(
    ("wanted", "place", "said"),
    [
        ({}, "body", "one of status, drop, half, delay_ms or slow_ms is needed."),
        ({"status": 500, "tims": 1}, "body", "did you mean times?"),
        ({"drop": True, "status": 500}, "drop", "Nothing is answered then: leave out status."),
    ],
)
def test_a_failure_that_cannot_be_is_refused_with_what_to_write(control, wanted, place, said):
    _, error = control.refused("POST", "failures", wanted)

    assert said in "".join(error["details"][place])


@pytest.mark.parametrize("renew", ["reset", "world"])
def test_a_request_held_at_a_reset_or_a_new_world_never_acts(control, renew):
    """Case P5: what was sent before changes, journals and counts nothing after it."""
    control.put("latency", {"default": {"ms": 30_000}})
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": "late"}}
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(control.api.post("/messages", as_="ana", json=body))
    )
    latency, entered = control.controls.latency, threading.Event()
    wait = latency._sleep
    latency._sleep = lambda seconds: (entered.set(), wait(seconds))
    thread.start()
    assert entered.wait(WITHIN_S)
    if renew == "reset":
        control.post("reset")
    else:
        control.put("world", {"users": ["ana", "bo"]})
    thread.join(WITHIN_S)

    assert answers[0].status_code == 503
    assert control.get("journal") == []
    assert "late" not in str(control.get("world"))


@pytest.mark.parametrize("wanted", [{"status": 503}, {"drop": True}])
def test_the_journal_and_why_tell_that_it_was_asked_for(control, wanted):
    control.post("failures", {"operation": "listUsers", **wanted})
    with suppress(ConnectionAbortedError):
        control.api.get("/users", as_="ana")
    (entry,) = control.get("journal")
    explained = control.get(f"why/{entry['id']}")

    assert entry["reason"].startswith("The mock was asked to fail this request")
    assert explained["exact"]
    (field,) = explained["fields"]
    assert "The mock was asked to fail this request" in field["text"]


def test_why_tells_that_a_token_has_expired(control):
    made = control.api.post("/users/ana/auth_tokens", as_=None, json={}).get_json()["data"]
    token = {"authToken": made["authToken"]}
    assert control.api.client.get("/v3/conversations", headers=token).status_code == 200
    control.delete("sessions")
    assert control.api.client.get("/v3/conversations", headers=token).status_code == 401
    explained = control.get(f"why/{control.get('journal')[-1]['id']}")

    (field,) = explained["fields"]
    assert field["value"] == "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
    assert "never issued, revoked" in field["text"]
