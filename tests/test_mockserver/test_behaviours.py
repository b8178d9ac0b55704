"""Parts: replaced one at a time, they change what the mock does or says, and nothing else.

Here are not the faults of the drill but the kinds of replacement they are made of.
"""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.errors import TooManyRequests
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.store import marks

HEALTHY = documented.behaviours()


@pytest.fixture
def faulty(open_api):
    """The API of the examples' world with some parts replaced by broken ones."""
    return lambda **behaviours: open_api(examples(42), faulty=replace(HEALTHY, **behaviours))


def test_every_part_has_a_healthy_form():
    """Parts are callables, all of them with a default."""
    assert all(callable(getattr(HEALTHY, each.name)) for each in fields(Behaviours))


@pytest.mark.parametrize(
    "shown", [lambda *_: "3", lambda *_: None, lambda *_: -1, lambda *_: ABSENT, lambda *_: 3.5]
)
def test_a_broken_property_reaches_the_client(faulty, shown):
    """What is said is worded anew by the replaced part, after the mock has checked itself."""
    api = faulty(show_unread_message_count=shown)

    data = api.conversation("ana", "users/bo")

    wanted = shown()
    assert data.get("unreadMessageCount", ABSENT) == wanted


def test_an_unstable_property(faulty):
    """A replacement may remember."""
    numbers = itertools.count()
    api = faulty(show_created_at=lambda *_: next(numbers))

    assert [api.conversation("ana", "users/bo")["createdAt"] for _ in range(3)] == [0, 1, 2]


def test_a_verb_that_does_nothing(faulty):
    """A success that changes nothing, of users alone."""

    def lazy(uow, copy, up_to):
        if copy.kind == "group":
            HEALTHY.mark_read(uow, copy, up_to)

    api = faulty(mark_read=lazy)
    for where, left in (("users/bo", 3), ("groups/hikers", 0)):
        assert api.post(f"/{where}/conversation/read", as_="ana").status_code == 200
        assert api.unread("ana", where) == left


def test_a_verb_for_the_wrong_party(faulty):
    """A verb may find and change any copy."""

    def confused(uow, copy, up_to):
        other = uow.find_copy(copy.peer, kind="user", peer=copy.owner)
        HEALTHY.mark_read(uow, other, up_to)

    api = faulty(mark_read=confused)
    api.send("ana", "users/bo")
    api.post("/users/bo/conversation/read", as_="ana")

    assert api.unread("ana", "users/bo") == 3
    assert api.unread("bo", "users/ana") == 0


def test_a_verb_that_does_too_much(faulty):
    """Such as reading every conversation of the caller."""

    def eager(uow, copy, up_to):
        HEALTHY.mark_read(uow, copy, up_to)
        group = uow.find_copy(copy.owner, kind="group", peer="hikers")
        marks.set_read(uow.conn, group, group.last_seq)

    api = faulty(mark_read=eager)
    api.post("/users/bo/conversation/read", as_="ana")

    assert api.unread("ana", "groups/hikers") == 0


@pytest.mark.parametrize("off", [1, -1])
def test_a_limit_off_by_one(faulty, off):
    """The document that requests are judged by is a part: a limit is one number in it."""

    def amended(name, document):
        if name == "openapi":
            tags = document["components"]["schemas"]["Tags"]
            tags["maxItems"] += off
        return document

    api = faulty(document=amended)
    statuses = [
        api.put("/users/bo/conversation", as_="ana", json={"tags": ["t"] * count}).status_code
        for count in (24, 25, 26)
    ]

    assert statuses == ([200, 200, 200] if off == 1 else [200, 400, 400])


def test_a_refusal_that_changes_something(faulty):
    """What becomes of a malformed request is a part that may act on it before it refuses."""

    def careless(problem, call, act):
        act(call._replace(body={"tags": call.body["tags"][:25]}))
        raise problem

    api = faulty(refuse=careless)
    answer = api.put("/users/bo/conversation", as_="ana", json={"tags": ["t"] * 26})

    assert answer.status_code == 400
    assert len(api.conversation("ana", "users/bo")["tags"]) == 25


@pytest.mark.parametrize("part", ["counts_message", "moves_last_message", "moves_updated_at"])
def test_a_message_that_moves_too_little(faulty, clock, part):
    """Count, last message and time are three parts."""
    api = faulty(**{part: lambda kind, crowd: False})
    before = api.conversation("ana", "users/dan")
    clock.now += 60

    number = api.send("dan", "users/ana")

    after = api.conversation("ana", "users/dan")
    moved = {
        "counts_message": after["unreadMessageCount"] > before["unreadMessageCount"],
        "moves_last_message": after.get("lastMessage", {}).get("id") == number,
        "moves_updated_at": after["updatedAt"] > before["updatedAt"],
    }
    assert moved == {name: name != part for name in moved}


def test_a_filter_that_is_ignored(faulty):
    """Each filter of the list is a part."""
    api = faulty(with_unread=lambda tables, count: count >= 0)

    assert len(api.names("ana", unread="true")) == 5
    assert len(api.names("ana", conversationType="group")) == 2


def test_an_order_turned_round(faulty):
    """So is the order."""
    api = faulty(newest_first=lambda at, newest, peer: (at.asc(), newest.asc(), peer.desc()))

    names = api.names("ana")
    assert names == HEALTHY_NAMES[::-1]
    assert names == [*api.names("ana", perPage=2), *api.names("ana", perPage=2, page=2), names[4]]


HEALTHY_NAMES = ["user_bo", "group_new-group", "group_hikers", "user_dan", "user_cleo"]


def test_a_page_off_by_one(faulty):
    """And where a page begins and ends."""
    api = faulty(page_bounds=lambda per_page, number: (per_page, per_page * (number - 1) + 1))

    assert api.names("ana", perPage=2) == HEALTHY_NAMES[1:3]


def test_a_leak(faulty):
    """And whose copies are listed."""
    api = faulty(of_caller=lambda tables, caller: tables.copy.c.uid >= caller)

    assert len(api.names("ana")) == 11


def test_a_total_that_lies(faulty):
    """And what is said of a page."""

    def lying(total, count, *, per_page, number):
        return HEALTHY.show_pagination(total + 1, count, per_page=per_page, number=number)

    answer = faulty(show_pagination=lying).get("/conversations", as_="ana").get_json()
    assert answer["meta"]["pagination"]["total"] == 6


@pytest.mark.parametrize("check", ["check_party", "check_key", "check_scope"])
def test_a_missing_check(faulty, check):
    """Without the check, what it guarded is answered."""
    api = faulty(**{check: lambda *_, **__: None})
    as_, key = {
        "check_party": ("dan", "mock-api-key"),
        "check_key": ("ana", "nonsense"),
        "check_scope": ("ana", "auth-only"),
    }[check]

    assert api.get("/groups/hikers/conversation", as_=as_, key=key).status_code == 200


def test_a_wrong_code_and_status(faulty):
    """How a refusal is worded is a part, its status another."""
    api = faulty(
        status_of=lambda problem: 200,
        show_refusal=lambda problem: {"error": {"code": "ERR_OTHER", "message": "No."}},
    )

    answer = api.get("/users/nobody/conversation", as_="ana")

    assert answer.status_code == 200
    assert answer.get_json()["error"]["code"] == "ERR_OTHER"


def test_plain_text(faulty):
    """The last word may be anything that goes over a wire."""
    api = faulty(finish=lambda _, answer: ApiResponse(500, {"Content-Type": "text/plain"}, "Oops"))

    answer = api.get("/users/bo/conversation", as_="ana")

    assert (answer.status_code, answer.get_data(as_text=True)) == (500, "Oops")
    assert answer.content_type == "text/plain"


def test_a_body_in_pieces(faulty):
    """A stream of bytes has no length told before."""
    api = faulty(finish=lambda _, answer: answer._replace(body=iter([b'{"da', b'ta":[]}'])))

    answer = api.get("/users/bo/conversation", as_="ana")

    assert "Content-Length" not in answer.headers
    assert answer.get_json() == {"data": []}


def test_every_third_request_is_too_many(faulty):
    """Admission comes before all else, so that a request turned away has done nothing."""
    numbers = itertools.count(1)

    def admit(operation_id):
        if next(numbers) % 3 == 0:
            raise TooManyRequests(retry_after_s=1, reset_at=60)

    api = faulty(admit=admit)
    calls = [api.post("/users/bo/conversation/read", as_="ana") for _ in range(3)]

    assert [each.status_code for each in calls] == [200, 200, 429]
    assert calls[2].headers["Retry-After"] == "1"
    assert calls[2].headers["X-Rate-Limit-Reset"] == "60"
    assert api.refusal(calls[2]) == (429, "ERR_TOO_MANY_REQUESTS")


def test_a_made_up_conversation(faulty):
    """What is given in place of a conversation that is not there is a part."""

    def invented(caller, kind, peer):
        raise TooManyRequests(1, 1)

    api = faulty(missing=invented)
    assert api.get("/users/eve/conversation", as_="ana").status_code == 429


class TestSelfCheck:
    """The mock checks its own answers: a departure is a 500 that names it."""

    def test_a_broken_answer_is_caught(self, open_api):
        """Parts of the dialect itself are checked by the document."""
        api = open_api(examples(42), replace(HEALTHY, show_unread_message_count=lambda *_: "3"))

        answer = api.get("/users/bo/conversation", as_="ana")

        assert api.refusal(answer) == (500, "ERR_EXCEPTION")
        said = answer.get_json()["error"]["message"]
        assert "getUserConversation" in said
        assert "data/unreadMessageCount" in said

    def test_a_status_that_is_not_described(self, open_api):
        api = open_api(examples(42), replace(HEALTHY, status_of=lambda problem: 418))

        answer = api.get("/users/nobody/conversation", as_="ana")

        assert answer.status_code == 500
        assert "418" in answer.get_json()["error"]["message"]

    def test_a_failure_of_the_mock_stays_in_the_envelope(self, open_api):
        def failing(*_):
            raise ZeroDivisionError

        api = open_api(examples(42), replace(HEALTHY, show_conversation=failing))
        answer = api.get("/users/bo/conversation", as_="ana")
        assert api.refusal(answer) == (500, "ERR_EXCEPTION")


def test_parts_change_while_it_runs(api):
    """Other parts can be put in force at any time, and taken back."""
    exchange = inside(api.app).dispatcher
    exchange.use(HEALTHY, replace(HEALTHY, show_tags=lambda *_: ["broken"]))
    assert api.conversation("ana", "users/bo")["tags"] == ["broken"]

    exchange.use(HEALTHY, HEALTHY)

    assert api.conversation("ana", "users/bo")["tags"] == []
