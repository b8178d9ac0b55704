"""Faults: named defects, made by replacing behaviours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.errors import UnknownFault
from duologue.mockserver.faults import FAULTS, named, with_faults

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CLAUSE = re.compile(r"[a-z-]+\.[a-z0-9-]+")


@pytest.fixture(scope="module")
def app(module_state):
    """One mock for all tests; its faults are switched at run time."""
    app = create_app(world=examples(42), state_url=module_state)
    yield app
    inside(app).close()


@pytest.fixture
def broken(app):
    """``broken(name, ...)`` returns a client of the mock with these faults until the test ends."""

    def broken(*names):
        controls = inside(app).controls
        controls.reset()
        controls.configuration_control.set_faults(names)
        return Client(app)

    yield broken
    inside(app).controls.reset()


class Client:
    """A client of one caller; an internal error of the mock fails the test."""

    def __init__(self, app):
        self.http = app.test_client()

    def ask(self, method, path, body=None, *, as_="ana", key="mock-api-key"):
        headers = {"onBehalfOf": as_} | ({"apikey": key} if key else {})
        answer = self.http.open(f"/v3{path}", method=method, json=body, headers=headers)
        assert "bug of the mock" not in answer.get_data(as_text=True), answer.get_data(as_text=True)
        return answer

    def see(self, path="/users/bo/conversation", **how):
        return self.ask("GET", path, **how).get_json()["data"]


def tour(client):
    """Call many operations; return the answers without times and ids."""
    hello = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}
    steps = [
        ("POST", "/messages", hello),
        ("POST", "/messages", {**hello, "receiver": "hikers", "receiverType": "group"}),
        ("GET", "/conversations?withTags=true&withUserAndGroupTags=true&unread=true", None),
        ("GET", "/conversations?tags=family,work&userTags=a&searchKey=b&perPage=1&page=2", None),
        ("PUT", "/users/bo/conversation", {"tags": ["a", "b"]}),
        ("GET", "/users/bo/conversation", None),
        ("GET", "/conversations/user_bo", None),
        ("GET", "/users/nobody/conversation", None),
        ("POST", "/users/bo/conversation/delivered", {}),
        ("POST", "/users/bo/conversation/read", {}),
        ("DELETE", "/users/bo/conversation/read", {}),
        ("DELETE", "/users/bo/conversation", {}),
        ("PUT", "/groups/hikers/conversation", {"tags": ["c"] * 26}),
        ("POST", "/groups/hikers/conversation/read", {}),
        ("DELETE", "/groups/hikers/conversation", {}),
        ("DELETE", "/conversations/user_bo", None),
        ("PATCH", "/conversations", None),
        ("GET", "/nowhere", None),
    ]
    return [client.ask(*step).status_code for step in steps]


def test_there_are_more_than_a_hundred():
    """A hundred faults or more."""
    assert len(FAULTS) >= 100


def test_a_fault_has_name_clause_and_text():
    """Name, clause and text have a fixed form."""
    odd = [
        name
        for name, fault in FAULTS.items()
        if not KEBAB.fullmatch(name)
        or fault.name != name
        or not CLAUSE.fullmatch(fault.clause)
        or not fault.text.endswith(".")
        or len(fault.text) > 100
    ]

    assert odd == []


def test_two_faults_of_one_name_are_refused():
    """Neither takes the other's place in silence."""
    one = next(iter(FAULTS.values()))

    with pytest.raises(ValueError, match=one.name):
        named([one, replace(one, text="Another one.")])


def test_texts_are_unique():
    """Each fault has its own text."""
    texts = [fault.text for fault in FAULTS.values()]

    assert sorted(texts) == sorted(set(texts))


def test_a_fault_does_not_change_the_given_behaviours():
    """It returns new behaviours and does not change the given ones."""
    healthy = documented.behaviours()

    assert [name for name in FAULTS if with_faults(healthy, [name]) == healthy] == []
    assert healthy == documented.behaviours()


@pytest.mark.one_python
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_lets_the_mock_answer(broken, name):
    """No fault causes an internal error of the mock."""
    tour(broken(name))


def test_faults_leave_nothing_behind(broken):
    """After a fault the answers are as before."""
    before = tour(broken())
    for name in ("tags-are-added", "id-changes-now-and-then", "delete-is-for-ever"):
        tour(broken(name))

    assert tour(broken()) == before


def test_two_faults_at_once(broken):
    """Faults can be combined."""
    client = broken("count-is-text", "type-is-in-capitals")
    seen = client.see()

    assert seen["conversationType"] == "USER"
    assert isinstance(seen["unreadMessageCount"], str)


def test_two_faults_of_one_behaviour(broken):
    """The second fault wraps the first one."""
    client = broken("count-stops-at-1", "count-is-text")

    assert client.see("/groups/hikers/conversation")["unreadMessageCount"] in {"0", "1"}


def test_the_state_of_a_fault_starts_when_it_is_switched_on(broken):
    """A fault's state belongs to one mock and starts again when it is switched on."""
    first = [broken("id-changes-now-and-then").see()["conversationId"] for _ in range(4)]

    assert set(first) == {"user_bo"}


def test_an_unknown_fault_is_refused_with_a_hint():
    """A misspelled name is refused with a suggestion."""
    with pytest.raises(UnknownFault, match="did you mean id-is-empty"):
        with_faults(documented.behaviours(), ["id-is-emty"])


def test_a_mock_may_start_with_faults():
    """`faults` are on at the start, and again after a reset."""
    app = create_app(world=examples(42), faults=["id-is-a-number"])
    try:
        seen = [Client(app).see()["conversationId"]]
        inside(app).controls.reset()
        seen.append(Client(app).see()["conversationId"])
    finally:
        inside(app).close()

    assert all(isinstance(each, int) for each in seen)


def test_faults_are_listed_for_programs():
    """`mockserver faults --format json` is what a drill reads."""
    done = subprocess.run(
        [sys.executable, "-m", "duologue.mockserver", "faults", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )

    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == list(FAULTS)
    assert all(set(row) == {"name", "clause", "text", "unseen", "is_slow"} for row in rows)
