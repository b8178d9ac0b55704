"""Server-sent events: what has changed, in order, with replay."""

from __future__ import annotations

import json

import pytest

from duologue.mockserver.control.errors import TooManyStreams
from duologue.mockserver.control.events.changes import CONTROL_KINDS, KINDS
from duologue.mockserver.control.events.log import EventLog
from duologue.mockserver.control.events.stream import Streams
from duologue.mockserver.control.handlers import CALLS
from duologue.mockserver.http.routes import USE_CASES


def parsed(chunk: bytes) -> dict:
    """Return the fields of one event."""
    lines = (line.partition(": ") for line in chunk.decode().strip().splitlines())
    fields = {name: value for name, _, value in lines}
    return fields | {"data": json.loads(fields.get("data", "null"))}


def events(control, last_id: str | None = None, count: int = 1) -> list[dict]:
    """Return the events after one, without waiting for more."""
    stream = iter(control.controls.streams.open(last_id))
    chunks = []
    while len(chunks) < count:
        chunk = next(stream)
        if chunk.startswith((b"id", b"event")):
            chunks.append(parsed(chunk))
    stream.close()
    return chunks


def first_id(control) -> str:
    return control.controls.events.id_of(0)


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", "/users/bo/conversation/read", None, "read"),
        ("POST", "/users/bo/conversation/delivered", None, "delivered"),
        ("DELETE", "/users/bo/conversation/read", None, "unread"),
        ("PUT", "/users/bo/conversation", {"tags": ["work"]}, "tags"),
        ("DELETE", "/users/bo/conversation", {}, "conversation-reset"),
    ],
)
def test_a_marked_conversation_is_an_event_of_its_kind(control, method, path, body, kind):
    control.put("world", TALK)
    before = control.controls.events.number
    answer = control.api.client.open(
        f"/v3{path}",
        method=method,
        json=body,
        headers={"apikey": "mock-api-key", "onBehalfOf": "ana"},
    )

    (event,) = events(control, control.controls.events.id_of(before))
    assert answer.status_code == 200
    assert event["event"] == kind
    assert event["data"]["by"] == "ana"
    assert event["data"]["params"] == {"uid": "bo"}
    assert event["data"]["request"] == answer.headers["X-Request-Id"]


TALK = {
    "users": ["ana", "bo"],
    "messages": [{"from": "bo", "to": {"user": "ana"}, "text": "Hi"}],
}


def test_a_message_is_an_event_with_the_message(control):
    control.put("world", TALK)
    control.post("send", {"from": "bo", "to": "ana", "text": "Lunch?"})

    world, message, sent = events(control, first_id(control), 3)
    assert [one["event"] for one in (world, message, sent)] == ["world", "message", "control"]
    assert message["data"]["data"]["data"]["text"] == "Lunch?"
    assert message["data"]["by"] == "bo"


def test_reading_and_refused_requests_are_no_events(control):
    control.api.get("/conversations", as_="ana")
    control.api.get("/users/nobody", as_="ana")

    assert control.controls.events.number == 0


def test_a_reset_is_an_event_and_ids_go_on(control):
    control.post("reset")
    control.post("reset")

    first, second = events(control, first_id(control), 2)
    assert first["event"] == second["event"] == "reset"
    assert first["id"] != second["id"]


def test_a_client_that_comes_back_gets_what_it_has_missed(control):
    for _ in range(3):
        control.post("reset")
    (first,) = events(control, first_id(control))

    assert len(events(control, first["id"], 2)) == 2


@pytest.mark.parametrize("last_id", ["other-1", "nonsense", "-", "x" * 50])
def test_an_id_of_another_mock_is_a_gap(control, last_id):
    control.post("reset")

    (event,) = events(control, last_id)
    assert event["event"] == "gap"
    assert event["id"] == control.controls.events.id_of(1)


def test_an_event_that_is_no_longer_kept_is_a_gap():
    log = EventLog("log", kept=2)
    for _ in range(4):
        log.add("reset", 1)

    assert log.place_of("log-1") is None
    assert log.place_of("log-2") == 2
    assert log.place_of("log-5") is None


def test_one_client_too_many_is_refused():
    streams = Streams(EventLog("log"), most=1)
    first = iter(streams.open(None))
    next(first)

    with pytest.raises(TooManyStreams):
        streams.open(None)
    first.close()
    assert streams.open(None)


def test_streams_end_when_the_log_is_closed():
    log = EventLog("log")
    stream = iter(Streams(log).open(None))
    next(stream)
    log.close()

    assert list(stream) in ([], [b": the mock is here\n\n"])


def test_every_operation_that_changes_something_has_a_kind():
    reading = tuple(name for name in USE_CASES if name.startswith(("get", "list")))
    assert set(KINDS) == set(USE_CASES) - set(reading)
    assert set(CONTROL_KINDS) < set(CALLS)
