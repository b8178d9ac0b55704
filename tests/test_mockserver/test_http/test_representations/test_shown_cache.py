"""What is kept of shown conversations is never older than the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Copy, Message, Shown, User
from duologue.mockserver.http.representations import shown_cache
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


def test_what_a_change_answers_is_not_kept(both: tuple[Api, Api]) -> None:
    """No other answer shows the copy that it has made."""
    runtime = inside(both[0].app).dispatcher.runtime

    assert runtime.changes_shown_by.show_conversation is runtime.own.show_conversation
    assert runtime.reads_shown_by.show_conversation is not runtime.own.show_conversation
    assert runtime.changes_shown_by.show_last_message is runtime.reads_shown_by.show_last_message


def test_a_head_request_has_the_length_of_the_answer_and_no_body(both: tuple[Api, Api]) -> None:
    answer = both[0].call("HEAD", "/users/bo/conversation", as_="ana")

    whole = both[0].get("/users/bo/conversation", as_="ana")
    assert (answer.data, answer.headers["Content-Length"]) == (b"", str(len(whole.data)))


BO = User("bo", "Bo", NOW)
COPY = Copy(
    owner="ana", kind="user", peer="bo", conversation=1, unread_count=0, read_seq=1, last_seq=1,
    hidden_seq=-1, created_at=NOW, updated_at=NOW, tags=("old",), peer_is=BO,
    last_message=Message(1, 1, 1, "user", "bo", "ana", "Hello", NOW),
)  # fmt: skip


def test_a_copy_with_new_tags_shows_its_last_message_once() -> None:
    own, shown = documented.behaviours(), []

    def show(behaviours: Behaviours, item: Message, name: str) -> Any:
        shown.append(item.id)
        return own.show_message(behaviours, item, name)

    kept = shown_cache.with_last_messages(replace(own, show_message=show))

    bodies = [
        kept.show_conversation(kept, copy, Shown(tags=True))
        for copy in (COPY, COPY._replace(tags=("new",)))
    ]

    assert shown == [1]
    assert [body["tags"] for body in bodies] == [["old"], ["new"]]
    assert bodies[0]["lastMessage"] == bodies[1]["lastMessage"]


def test_one_message_in_two_copies_names_the_conversation_of_each() -> None:
    kept = shown_cache.with_last_messages(documented.behaviours())
    ana, bo = COPY, COPY._replace(owner="bo", peer="ana", peer_is=User("ana", "Ana", NOW))

    names = [
        kept.show_conversation(kept, copy, Shown())["lastMessage"]["conversationId"]
        for copy in (ana, bo, ana)
    ]

    own = documented.behaviours()
    expected = [own.conversation_id(c.kind, c.peer, owner=c.owner) for c in (ana, bo, ana)]
    assert names == expected


def test_another_way_to_show_the_last_message_may_look_at_the_whole_copy() -> None:
    own = replace(
        documented.behaviours(), show_last_message=lambda _, copy, __: {"tags": list(copy.tags)}
    )
    kept = shown_cache.with_last_messages(own)

    bodies = [
        kept.show_conversation(kept, copy, Shown()) for copy in (COPY, COPY._replace(tags=("new",)))
    ]

    assert [body["lastMessage"]["tags"] for body in bodies] == [["old"], ["new"]]
