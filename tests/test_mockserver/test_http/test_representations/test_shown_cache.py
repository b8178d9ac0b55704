"""What is kept of shown conversations is never older than the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from support.api import Api

NOW = 1_767_254_400
QUERIES = ({}, {"withTags": "true"}, {"withUserAndGroupTags": "true"}, {"perPage": "2"})


@pytest.fixture
def both() -> Iterator[tuple[Api, Api]]:
    """Two mocks with one past: the second shows every answer anew."""
    own = documented.behaviours()
    apps = [
        create_app(world=examples(42), clock=lambda: NOW, behaviours=behaviours)
        for behaviours in (own, replace(own, finish=lambda _, answer: answer))
    ]
    yield Api(apps[0]), Api(apps[1])
    for app in apps:
        inside(app).close()


def _seen(api: Api) -> list[Any]:
    lists = [
        api.get("/conversations", as_=who, query_string=query).get_json()
        for who in ("ana", "bo", None)
        for query in QUERIES
    ]
    places = ("users/bo", "groups/hikers")
    return [*lists, *(api.get(f"/{place}/conversation", as_="ana").get_json() for place in places)]


CHANGES: dict[str, Callable[[Api], Any]] = {
    "a message": lambda api: api.send("bo", "users/ana"),
    "a message to a group": lambda api: api.send("bo", "groups/hikers"),
    "reading": lambda api: api.post("/users/bo/conversation/read", as_="ana"),
    "marking as unread": lambda api: api.delete("/users/bo/conversation/read", as_="ana"),
    "tags": lambda api: api.put("/users/bo/conversation", as_="ana", json={"tags": ["x"]}),
    "another name of the peer": lambda api: api.put("/users/bo", json={"name": "Bo the Second"}),
    "another name of the caller": lambda api: api.put("/users/ana", json={"name": "Ana too"}),
    "another name of the group": lambda api: api.put("/groups/hikers", json={"name": "Walkers"}),
    "blocking": lambda api: api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]}),
    "an edit": lambda api: api.put(
        f"/messages/{api.send('bo', 'users/ana')}", as_="bo", json={"data": {"text": "Again"}}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_every_answer_is_as_if_nothing_were_kept(
    both: tuple[Api, Api], change: str
) -> None:
    kept, anew = both
    assert _seen(kept) == _seen(anew)

    statuses = [CHANGES[change](api) for api in both]

    assert _seen(kept) == _seen(anew)
    assert {getattr(each, "status_code", 200) for each in statuses} == {200}


def test_a_head_request_has_the_length_of_the_answer_and_no_body(both: tuple[Api, Api]) -> None:
    answer = both[0].call("HEAD", "/users/bo/conversation", as_="ana")

    whole = both[0].get("/users/bo/conversation", as_="ana")
    assert (answer.data, answer.headers["Content-Length"]) == (b"", str(len(whole.data)))
