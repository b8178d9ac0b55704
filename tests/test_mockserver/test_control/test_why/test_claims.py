"""What is claimed is true: under faults, in every dialect, at any time, and else not claimed."""

from __future__ import annotations

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
    told = control.get(f"why/{request_id}")
    assert told["exact"], told["note"]
    return next(one for one in told["fields"] if one["field"] == name)


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
    """With its clause and what it does, and by its value as it was sent."""
    control.put("faults", {"faults": [fault]})

    field = field_of(control, asked(control, "GET", "/users/bo/conversation"), name)

    known = {one["name"]: one for one in control.get("faults")["available"]}
    assert field["rule"] == f"fault {fault}"
    assert (field["says"], field["clause"]) == (known[fault]["text"], known[fault]["clause"])
    assert fault in field["text"]


def test_a_fault_that_did_nothing_is_named_by_what_it_left(control):
    """The count is still 3, though it was read: the fault has kept it."""
    control.put("faults", {"faults": ["read-user-does-nothing"]})
    read = asked(control, *MARK)

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert (count["value"], count["because"]) == (3, [])
    [kept] = count["kept"]
    assert (kept["request"], kept["rule"]) == (read, "fault read-user-does-nothing")


def test_a_fault_by_which_reading_changes_something(control):
    """A GET is a cause then, and only by the fault."""
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
    """What it left in the state is told by it, also once it is off."""
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
def test_strange_answers_are_explained_as_far_as_they_go(control, fault):
    """No answer is too broken to be asked about."""
    control.put("faults", {"faults": [fault]})
    for path in ("/users/bo/conversation", "/users/nobody/conversation", "/conversations"):
        assert control.get(f"why/{asked(control, 'GET', path)}")["note"]


def test_asking_why_does_not_wake_a_fault_that_remembers(control):
    """Each third conversation has another id: looking why is not counted."""
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
    """A reset hides there, and a group action counts."""
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


def test_each_request_is_done_again_in_the_dialect_of_its_time(control):
    """A change of dialect in the middle takes nothing from what was before."""
    read = asked(control, *MARK)
    before = asked(control, "GET", "/users/bo/conversation")
    control.put("dialect", {"dialect": "live"})
    after = asked(control, "GET", "/users/bo/conversation")

    assert field_of(control, before, "data.unreadMessageCount")["value"] == 0
    assert field_of(control, after, "data.unreadMessageCount")["value"] == "0"
    for one in (before, after):
        assert field_of(control, one, "data.unreadMessageCount")["because"] == [read]


def test_times_are_those_of_then(control, clock):
    """However late one asks."""
    sent = control.api.send("bo", "users/ana")
    when = clock.now
    clock.now += 1000
    control.put("clock", {"mode": "frozen", "now": 5})

    last = asked(control, "GET", f"/messages/{sent}")

    assert field_of(control, last, "data.sentAt")["value"] == when


# --- from where the story begins


def test_a_world_that_was_put_is_where_it_begins(control):
    """By its name; what was before is no cause."""
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


def test_a_snapshot_that_was_restored_is_where_it_begins(control):
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


def test_what_was_before_is_no_longer_known(control):
    """409 for a request whose state was replaced since, not an invented reason."""
    before = asked(control, "GET", "/users/bo/conversation")
    control.put("world", {"users": ["ana"]})

    status, error = control.refused("GET", f"why/{before}")

    assert (status, error["code"]) == (409, "ERR_CONTROL_CONFLICT")


def test_a_state_that_was_found_is_where_it_begins(tmp_path, control_of):
    """A file that an earlier mock has left."""
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    first = create_app(world=examples(42), state_url=url)
    inside(first).close()
    control = control_of(make("empty"), state_url=url)

    count = field_of(
        control, asked(control, "GET", "/users/bo/conversation"), "data.unreadMessageCount"
    )

    assert count["text"].endswith("3, set by the state that was found at the start.")


def test_a_long_story_is_kept_in_chapters(control, monkeypatch):
    """What is too long ago is summed up; what is told is still true."""
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


def test_a_state_too_large_to_be_kept_is_given_up_in_the_end(control, monkeypatch):
    """Rather than doing ten thousand requests again."""
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


# --- what is not claimed


def test_parts_of_ones_own_cannot_be_repeated(control_of):
    """409: what variants remember would be disturbed."""
    control = control_of(examples(42), faulty=replace(documented.behaviours(), fold=str.upper))

    request_id = asked(control, "GET", "/users/bo/conversation")

    assert control.refused("GET", f"why/{request_id}")[0] == 409


def test_where_the_story_does_not_fit_nothing_is_claimed(control):
    """Something has changed the state behind the mock's back."""
    with inside(control.api.app).store.writing() as run:
        run.exec_driver_sql("UPDATE copies SET read_seq = 0, own = 0")

    told = control.get(f"why/{asked(control, 'GET', '/users/cleo/conversation')}")

    assert not told["exact"]
    assert (told["fields"], told["changes"]) == ([], [])
    assert "gave another answer" in told["note"]


def test_the_order_of_changes_is_that_of_the_transactions():
    """However long the answers took: many threads send, and doing it again gives the very same."""
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

    told = client.get(f"/_mock/why/{answer.headers['X-Request-Id']}").get_json()["data"]

    inside(app).close()
    assert told["exact"], told["note"]


def test_a_reading_of_the_clock_is_within_the_transaction(control):
    """This is what the order rests on: who reads the clock first has written first."""
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


def test_the_table_names_parts_and_clauses_that_there_are():
    """Each part is one of the mock's, each clause one of the document's."""
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
