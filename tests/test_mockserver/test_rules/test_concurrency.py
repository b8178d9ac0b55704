"""Concurrent requests to one conversation have the effect of one after the other.

benchmarks/histories.py judges hundreds of such histories over HTTP, with several processes.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import update

from duologue.fixtures.examples import examples
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.store import schema
from support.histories import DONE, GONE, Request, Undecided, record, requests_to, unexplained

MEMBERS = tuple(f"member-{number}" for number in range(8))
STEPS = 4
STEPS_ON_ONE_COPY = 3  # each copy may be many things while four of its requests are under way
EIGHT_IN_A_GROUP = dict.fromkeys(MEMBERS, ("group", "choir"))
TWO_USERS = {"cleo": ("user", "eve"), "eve": ("user", "cleo")}


@pytest.fixture(autouse=True)
def _frequent_switches():
    """Let threads take turns after some dozens of bytecodes, so that requests overlap."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class OddClock:
    """A clock that is moved by so many seconds with each look at it."""

    def __init__(self, step_s: int) -> None:
        self.now, self._step_s = 1_800_000_000, step_s

    def __call__(self) -> int:
        self.now += self._step_s
        return self.now


def judged(history) -> Request | None:
    """Return the request that no order explains; skip the test if the search was given up."""
    try:
        return unexplained(history)
    except Undecided:
        pytest.skip("these requests overlapped too much to be judged")


@pytest.fixture(params=[0, 1, -1], ids=["still", "onward", "back"])
def clock(request) -> OddClock:
    """The clock of the mock: time stands still, goes on, or goes back."""
    return OddClock(request.param)


def sender(api):
    """Return what sends a request of a history to an app in this process."""

    def send(caller, method, path, body):
        answer = api.call(method, path, as_=caller, json=body)
        content = answer.get_json()
        return answer.status_code, content.get("data", content)

    return send


def staged(api, guid: str):
    """Create users and a group of all of them."""
    for uid in MEMBERS:
        assert api.post("/users", json={"uid": uid, "name": uid}).status_code == 200
    body = {"guid": guid, "name": guid, "type": "public"}
    assert api.post("/groups", json=body).status_code == 200
    joined = api.post(f"/groups/{guid}/members", json={"participants": list(MEMBERS)})
    assert joined.status_code == 200


def test_eight_members_of_a_group(open_api):
    """Whatever the clock does, each answer is one that an order of all requests explains."""
    api = open_api(examples(42))
    staged(api, "choir")

    history = record(requests_to(sender(api), EIGHT_IN_A_GROUP), MEMBERS, steps=STEPS, seed=1)

    assert len(history) == len(MEMBERS) * STEPS
    assert judged(history) is None


def test_two_users_with_four_clients_each(open_api):
    """Four clients change the same copy at once."""
    api = open_api(examples(42))
    ask, clients = requests_to(sender(api), TWO_USERS), tuple(TWO_USERS) * 4
    first = Request("cleo", "send", (), 0, 1, ask("cleo", "send", ()))

    history = [first, *record(ask, clients, steps=STEPS_ON_ONE_COPY, seed=1)]

    assert judged(history) is None


@contextmanager
def _all_gone_afterwards(store):
    """A transaction, and right after it those of others, which delete each conversation."""
    with store.writing() as conn:
        yield conn
    with store.writing() as conn:
        conn.execute(update(schema.copies).values(hidden_seq=1_000))


CONVERSATION = "/users/bo/conversation"
CHANGES = [
    ("PUT", CONVERSATION, {"tags": ["work"]}),
    ("DELETE", CONVERSATION, {}),
    ("POST", f"{CONVERSATION}/read", {}),
    ("DELETE", f"{CONVERSATION}/read", {}),
    ("POST", f"{CONVERSATION}/delivered", {}),
    ("DELETE", "/conversations/user_bo", None),
    ("PUT", "/groups/hikers/conversation", {"tags": ["work"]}),
    ("DELETE", "/groups/hikers/conversation/read", {}),
    ("POST", "/messages", {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_what_is_done_is_answered_whatever_others_do_next(open_api, method, path, body):
    """An answer tells what its own transaction left, which may be gone when it is written."""
    healthy = behaviours_of("documented")
    api = open_api(examples(42), replace(healthy, writes_to=_all_gone_afterwards))

    answer = api.call(method, path, as_="ana", json=body)

    assert answer.status_code == 200, answer.json


def sequence(*parts: tuple) -> list[Request]:
    """Return a history of requests one after the other: owner, verb, answer and perhaps tags."""
    return [
        Request(owner, verb, tuple(tags), 10 * place, 10 * place + 5, answer)
        for place, (owner, verb, answer, *tags) in enumerate(parts)
    ]


SENT = ("a", "send", "1")


@pytest.mark.parametrize(
    "parts",
    [
        (SENT, ("b", "get", (1, "1", ())), ("b", "read", DONE), ("b", "get", (0, "1", ()))),
        (SENT, ("b", "read", DONE), ("b", "unread", DONE), ("b", "get", (1, "1", ()))),
        (SENT, ("b", "delete", DONE), ("b", "get", GONE), ("a", "get", (0, "1", ()))),
        (SENT, ("b", "tags", (1, "1", ("x",)), "x"), ("b", "get", (1, "1", ("x",)))),
    ],
)
def test_what_one_client_after_the_other_sees_is_taken(parts):
    assert unexplained(sequence(*parts)) is None


@pytest.mark.parametrize(
    "parts",
    [
        (SENT, ("b", "get", (0, "1", ()))),  # not counted
        (SENT, ("b", "read", DONE), ("b", "get", (1, "1", ()))),  # a mark was lost
        (SENT, ("a", "send", "2"), ("b", "get", (1, "1", ()))),  # a message was lost
        (SENT, ("b", "tags", (1, "1", ("x",)), "x"), ("b", "get", (1, "1", ()))),  # an old view
        (SENT, ("b", "delete", DONE), ("b", "get", (1, "1", ()))),
    ],
)
def test_what_no_order_explains_is_found(parts):
    assert unexplained(sequence(*parts)).owner == parts[-1][0]


def test_requests_at_the_same_time_may_have_either_order():
    """A read beside a message: the count after both is 0 or 1, never 2."""
    message, mark = Request("a", "send", (), 0, 9, "1"), Request("b", "read", (), 1, 8, DONE)

    judged = [
        unexplained([message, mark, Request("b", "get", (), 10, 11, (count, "1", ()))])
        for count in (0, 1, 2)
    ]

    assert [one is None for one in judged] == [True, True, False]
