"""Explanations are correct under faults, in every dialect and at any time, or are not given."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace

import pytest

from duologue.fixtures.examples import examples
from duologue.fixtures.worlds import make
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.journal import change_log
from duologue.mockserver.control.why.rules import CHANGED, LEFT_BY_OWN_SEND, LEFT_BY_SEND, UNCHANGED
from duologue.openapi import document, readings

MARK = ("POST", "/users/bo/conversation/read")


def asked(control, method, path, as_="ana", **how):
    return control.api.call(method, path, as_=as_, **how).headers["X-Request-Id"]


def field_of(control, request_id, name):
    explanation = control.get(f"why/{request_id}")
    assert explanation["exact"], explanation["note"]
    return next(one for one in explanation["fields"] if one["field"] == name)


# --- faults


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("count-is-text", "data.unreadMessageCount"),
        ("type-is-null", "data.conversationType"),
        ("last-message-is-an-id", "data.lastMessage"),
        ("count-is-missing", "data.unreadMessageCount"),
    ],
)
def test_a_fault_that_shows_is_named(control, fault, name):
    """With its clause, its text and the value that was sent."""
    control.put("faults", {"faults": [fault]})

    field = field_of(control, asked(control, "GET", "/users/bo/conversation"), name)

    known = {one["name"]: one for one in control.get("faults")["available"]}
    assert field["rule"] == f"fault {fault}"
    assert (field["says"], field["clause"]) == (known[fault]["text"], known[fault]["clause"])
    assert fault in field["text"]


def test_a_fault_that_did_nothing_is_named_by_what_it_left(control):
    """The count is still 3 although it was marked as read, because of the fault."""
    control.put("faults", {"faults": ["read-user-does-nothing"]})
    read = asked(control, *MARK)

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert (count["value"], count["because"]) == (3, [])
    [kept] = count["kept"]
    assert (kept["request"], kept["rule"]) == (read, "fault read-user-does-nothing")


def test_a_fault_with_which_reads_change_the_state(control):
    """A GET can then be a cause, but only with the fault."""
    control.put("faults", {"faults": ["fetching-reads"]})
    looked = asked(control, "GET", "/users/bo/conversation")

    first = field_of(control, looked, "data.unreadMessageCount")
    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert (first["value"], first["because"]) == (3, [])
    assert (count["value"], count["because"]) == (0, [looked])
    assert count["rule"] == "fault fetching-reads"


def test_a_fault_in_the_past_stays_a_cause(control):
    """Its changes of the state are explained by it, also when it is off."""
    control.put("faults", {"faults": ["read-user-leaves-the-newest"]})
    read = asked(control, *MARK)
    control.delete("faults")

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert (count["value"], count["because"]) == (1, [read])
    assert count["rule"] == "fault read-user-leaves-the-newest"


@pytest.mark.parametrize(
    "fault", ["get-user-fails", "uid-not-found-is-a-page", "list-is-keyed", "count-is-an-object"]
)
def test_broken_answers_are_explained(control, fault):
    """Every broken answer can be explained."""
    control.put("faults", {"faults": [fault]})
    for path in ("/users/bo/conversation", "/users/nobody/conversation", "/conversations"):
        assert control.get(f"why/{asked(control, 'GET', path)}")["note"]


def test_explaining_does_not_change_the_state_of_a_fault(control):
    """The fault changes each third id; explanations are not counted."""
    control.put("faults", {"faults": ["id-changes-now-and-then"]})

    def names():
        return [control.api.conversation("ana", "users/bo")["conversationId"] for _ in range(6)]

    first = names()
    control.put("faults", {"faults": ["id-changes-now-and-then"]})
    seen = []
    for _ in range(6):
        seen.append(control.api.conversation("ana", "users/bo")["conversationId"])
        control.ask("GET", f"why/{control.get('journal')[-1]['id']}")

    assert seen == first


# --- dialects and time


def test_the_live_dialect_by_its_own_rules(control):
    """There a reset hides, and group actions count."""
    control.put("dialect", {"dialect": "live"})
    reset = asked(control, "DELETE", "/users/bo/conversation")
    joined = asked(control, "POST", "/groups/hikers/members", json={"participants": ["dan"]})

    code = field_of(control, asked(control, "GET", "/users/bo/conversation"), "error.code")
    count = field_of(
        control,
        asked(control, "GET", "/groups/hikers/conversation", "bo"),
        "data.unreadMessageCount",
    )

    assert (code["value"], code["because"]) == ("ERR_CONVERSATION_NOT_ACCESSIBLE", [reset])
    assert code["rule"] == "dialect.missing"
    assert [one["sentence"] for one in code["citations"] if one["number"] == "B1"] == [
        readings.reading("B1").live_sentence
    ]
    assert count["because"] == [joined]


def test_each_request_is_replayed_in_its_dialect(control):
    """A later change of dialect does not affect earlier requests."""
    read = asked(control, *MARK)
    before = asked(control, "GET", "/users/bo/conversation")
    control.put("dialect", {"dialect": "live"})
    after = asked(control, "GET", "/users/bo/conversation")

    assert field_of(control, before, "data.unreadMessageCount")["value"] == 0
    assert field_of(control, after, "data.unreadMessageCount")["value"] == "0"
    for one in (before, after):
        assert field_of(control, one, "data.unreadMessageCount")["because"] == [read]


def test_times_are_those_of_the_request(control, clock):
    """At any later time."""
    sent = control.api.send("bo", "users/ana")
    when = clock.now
    clock.now += 1000
    control.put("clock", {"mode": "frozen", "now": 5})

    last = asked(control, "GET", f"/messages/{sent}")

    assert field_of(control, last, "data.sentAt")["value"] == when


# --- the base


def test_a_loaded_world_is_the_base(control):
    """By its name; earlier requests are no causes."""
    asked(control, *MARK)
    control.put(
        "world",
        {
            "name": "mine",
            "users": ["ana", "bo"],
            "messages": [{"from": "bo", "to": {"user": "ana"}, "text": "Hi"}],
        },
    )

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert count["text"] == "data.unreadMessageCount is 1, set by the world `mine`."


def test_a_restored_snapshot_is_the_base(control):
    """By its name."""
    asked(control, *MARK)
    control.post("snapshots", {"name": "read"})
    control.post("reset")
    control.post("snapshots/read/restore")
    control.delete("snapshots/read")

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert count["text"] == "data.unreadMessageCount is 0, set by the snapshot `read`."


def test_requests_before_the_base_are_no_longer_explained(control):
    """409 for a request whose state was replaced since."""
    before = asked(control, "GET", "/users/bo/conversation")
    control.put("world", {"users": ["ana"]})

    status, error = control.refused("GET", f"why/{before}")

    assert (status, error["code"]) == (409, "ERR_CONTROL_CONFLICT")


def test_a_found_state_is_the_base(tmp_path, control_of):
    """A file left by an earlier mock."""
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    first = create_app(world=examples(42), state_url=url)
    inside(first).close()
    control = control_of(make("empty"), state_url=url)

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert count["text"].endswith("3, set by the state that was found at the start.")


def test_a_long_log_is_kept_in_segments(control, monkeypatch):
    """Old changes are replaced by a base; explanations are still correct."""
    monkeypatch.setattr(change_log, "SEGMENT", 5)
    sent = [asked(control, "POST", "/messages", "bo", json=_message()) for _ in range(23)]

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert count["value"] == 26
    assert 5 <= len(count["because"]) < 10
    assert count["because"] == sent[::-1][: len(count["because"])]
    assert count["history"][-1]["by"] == change_log.BEFORE
    assert count["history"][-1]["value"] == 26 - len(count["because"])


def test_a_change_is_answered_as_done_where_no_base_can_be_saved(control, monkeypatch):
    """With a full disk for temporary files, one in a thousand was done and answered 507."""

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(change_log, "SEGMENT", 2)
    monkeypatch.setattr(change_log, "StateSnapshot", full)
    sent = [control.api.call("POST", "/messages", as_="bo", json=_message()) for _ in range(5)]

    assert {one.status_code for one in sent} == {200}
    assert control.ask("GET", f"why/{sent[0].headers['X-Request-Id']}").status_code in {200, 409}


def test_the_log_of_a_large_state_ends_at_its_limit(control, monkeypatch):
    """So that no ten thousand requests are replayed."""
    monkeypatch.setattr(change_log, "SEGMENT", 2)
    monkeypatch.setattr(change_log, "MOST", 4)
    monkeypatch.setattr(change_log, "SMALL_BYTES", 0)
    for _ in range(4):
        asked(control, "POST", "/messages", "bo", json=_message())

    request_id = asked(control, "GET", "/users/bo/conversation")
    assert control.refused("GET", f"why/{request_id}")[0] == 409
    control.post("reset")
    request_id = asked(control, "GET", "/users/bo/conversation")
    assert control.get(f"why/{request_id}")["exact"]


def test_the_log_of_a_large_state_lets_others_write(control, monkeypatch):
    """From the thousandth change on, each one waited until no other request wrote."""
    monkeypatch.setattr(change_log, "SEGMENT", 2)
    monkeypatch.setattr(change_log, "SMALL_BYTES", 0)
    store, times_alone = inside(control.api.app).store, []
    alone = store.alone
    monkeypatch.setattr(store, "alone", lambda: times_alone.append(1) or alone())

    sent = [asked(control, "POST", "/messages", "bo", json=_message()) for _ in range(5)]
    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert not times_alone
    assert count["because"][:5] == sent[::-1]


# --- what is not claimed


def test_variants_cannot_be_replayed(control_of):
    """409: a replay would change the state of variants."""
    control = control_of(examples(42), faulty=replace(documented.behaviours(), fold=str.upper))

    request_id = asked(control, "GET", "/users/bo/conversation")

    assert control.refused("GET", f"why/{request_id}")[0] == 409


def test_nothing_is_claimed_if_the_replay_differs(control):
    """The state was changed from outside the mock."""
    with inside(control.api.app).store.writing() as run:
        run.exec_driver_sql("UPDATE copies SET read_seq = 0, own = 0")

    explanation = control.get(f"why/{asked(control, 'GET', '/users/cleo/conversation')}")

    assert not explanation["exact"]
    assert (explanation["fields"], explanation["changes"]) == ([], [])
    assert "gave another answer" in explanation["note"]


def test_the_order_of_changes_is_that_of_the_transactions():
    """Many threads send; a replay gives the same state."""
    app = create_app(world=examples(42))
    senders = ("ana", "cleo", "dan", "eve")

    def send(sender):
        client = app.test_client()
        for _ in range(8):
            client.post(
                "/v3/messages",
                headers={"apikey": "mock-api-key", "onBehalfOf": sender},
                json=_message("bo"),
            )

    threads = [threading.Thread(target=send, args=(one,)) for one in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client = app.test_client()
    headers = {"apikey": "mock-api-key", "onBehalfOf": "bo"}
    answer = client.get("/v3/conversations", headers=headers)

    explanation = client.get(f"/_mock/why/{answer.headers['X-Request-Id']}").get_json()["data"]

    inside(app).close()
    assert explanation["exact"], explanation["note"]


def test_a_reading_of_the_clock_is_within_the_transaction(control):
    """The order depends on it: the first reading belongs to the first write."""
    numbers = []

    class Watching(ControllableClock):
        def __call__(self):
            now = super().__call__()
            writer = inside(control.api.app).store._writer
            numbers.append(writer.info["driver"].in_transaction)
            return now

    control.controls._dispatcher._clock = Watching(lambda: 5)
    control.controls.configuration_control.set_dialect("documented")
    control.api.send("ana", "users/bo")

    assert numbers[0] is True


# --- the table


def test_the_table_names_existing_behaviours_and_clauses():
    """Each behaviour exists in the mock, each clause in the document."""
    behaviours = {*Behaviours.__dataclass_fields__}
    clauses = {*_clauses(document.load("openapi"))}
    rows = [row for rows in CHANGED.values() for row in rows] + [
        *LEFT_BY_SEND.values(),
        LEFT_BY_OWN_SEND,
    ]

    named = {clause for row in rows for clause in (row.clause, row.with_message) if clause}
    named |= {clause for _, clause in UNCHANGED.values() if clause}
    for clause in named:
        assert {clause.format(kind=kind) for kind in ("user", "group")} <= clauses, clause
    assert {part for row in rows for part in (row.effect, row.behaviour)} <= behaviours
    assert {part for part, _ in UNCHANGED.values()} <= behaviours


def _clauses(node):
    if isinstance(node, dict):
        found = node.get("x-clauses")
        yield from found if isinstance(found, list) else ()
        for value in node.values():
            yield from _clauses(value)
    elif isinstance(node, list):
        for value in node:
            yield from _clauses(value)


def _message(receiver="ana"):
    return {"receiver": receiver, "receiverType": "user", "data": {"text": "Hi"}}
