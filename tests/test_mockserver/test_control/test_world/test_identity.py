"""Reading a world and loading it again changes nothing, whatever was done before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WHO = ("ana", "bo", "cleo")
WORLD = {
    "users": [*WHO, "dan"],
    "groups": [{"guid": "duo", "members": ["ana", "bo"]}],
    "messages": [
        {"from": "bo", "to": {"user": "ana"}, "text": "one"},
        {"from": "ana", "to": {"user": "bo"}, "text": "two"},
        {"from": "bo", "to": {"group": "duo"}, "text": "three"},
    ],
    "copies": [{"of": "ana", "with": {"user": "bo"}, "readThrough": 1, "tags": ["t"]}],
}

people = st.sampled_from(WHO)
places = st.sampled_from(["users/ana", "users/bo", "users/cleo", "groups/duo"])
numbers = st.integers(1, 12)
marks = st.one_of(st.just({}), numbers.map(lambda number: {"messageId": number}))


def _send(place: str) -> dict[str, Any]:
    kind, _, receiver = place.partition("s/")
    return {
        "receiver": receiver,
        "receiverType": kind,
        "data": {"text": "hey", "metadata": {"a": 1.5}},
    }


calls = st.one_of(
    st.tuples(people, st.just("POST"), st.just("/messages"), places.map(_send)),
    st.tuples(people, st.just("POST"), places.map("/{}/conversation/read".format), marks),
    st.tuples(people, st.just("DELETE"), places.map("/{}/conversation/read".format), marks),
    st.tuples(people, st.just("POST"), places.map("/{}/conversation/delivered".format), marks),
    st.tuples(
        people,
        st.just("DELETE"),
        places.map("/{}/conversation".format),
        st.sampled_from([{}, {"deleteMessagesPermanently": True}]),
    ),
    st.tuples(
        people,
        st.just("PUT"),
        places.map("/{}/conversation".format),
        st.sampled_from([{"tags": []}, {"tags": ["a\x1fb", "\\", "🎉"]}]),
    ),
    st.tuples(
        people,
        st.just("DELETE"),
        st.sampled_from(["user_ana", "user_bo", "group_duo"]).map("/conversations/{}".format),
        st.just({}),
    ),
    st.tuples(
        people,
        st.just("DELETE"),
        numbers.map("/messages/{}".format),
        st.sampled_from([{}, {"permanent": True}]),
    ),
    st.tuples(
        people, st.just("POST"), st.just("/groups/duo/members"), st.just({"moderators": ["cleo"]})
    ),
    st.tuples(people, st.just("DELETE"), st.just("/groups/duo/members/cleo"), st.just({})),
    st.tuples(
        st.none(),
        st.just("DELETE"),
        st.just("/users/cleo"),
        st.sampled_from([{}, {"permanent": True}]),
    ),
    st.tuples(
        st.none(),
        st.just("POST"),
        st.just("/users"),
        st.just({"uid": "cleo", "name": "C", "metadata": {"x": [1, None]}, "tags": ["vip"]}),
    ),
    st.tuples(st.none(), st.just("DELETE"), st.just("/groups/duo"), st.just({})),
    st.tuples(
        people,
        st.just("POST"),
        st.just("/groups"),
        st.just({"guid": "new", "name": "N", "type": "private", "icon": "i", "description": "d"}),
    ),
)


@pytest.mark.parametrize("dialect", ["documented", "live"])
def test_loading_what_was_read_changes_nothing(control, clock, dialect):
    """The document and all answers are the same."""
    control.put("dialect", {"dialect": dialect})

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(calls, max_size=12))
    def check(steps):
        control.put("world", WORLD)
        for caller, method, path, body in steps:
            clock.now += 7
            status = control.api.call(method, path, as_=caller, json=body).status_code
            assert status < 500
        world, before = control.get("world"), answers(control.api)

        control.put("world", world)

        assert control.get("world") == world
        assert answers(control.api) == before
        # What comes next is the same as well: cursors stand where they stood.
        after = [told_after(control, world, step) for step in range(2)]
        assert after[0] == after[1]

    check()


def told_after(control: Any, world: Any, step: int) -> Any:
    """Return the answers after some further calls, with or without loading the world again."""
    if step:
        control.put("world", world)
    for who in WHO:
        for place in ("users/ana", "users/bo", "groups/duo"):
            control.api.post("/messages", as_=who, json=_send(place))
            control.api.delete(f"/{place}/conversation/read", as_=who)
    return answers(control.api)


def answers(api: Any) -> list[Any]:
    """Return the API's answers about everything that the calls can change."""
    asked = [api.get("/conversations", as_=who, query_string={"withTags": "true"}) for who in WHO]
    asked += [api.get("/messages"), api.get("/groups"), api.get("/groups/duo/members")]
    asked += [api.get("/users", query_string={"searchKey": who}) for who in WHO]
    return [answer.get_json() for answer in asked]


def test_messages_that_do_not_count_are_marked(control):
    """A message to a large group is in the document but not in the counts."""
    crowd = [f"u{number}" for number in range(301)]
    control.put("world", {"users": crowd, "groups": [{"guid": "crowd", "members": crowd}]})
    control.api.send("u0", "groups/crowd")
    control.api.delete("/groups/crowd/members/u300")
    control.api.send("u0", "groups/crowd")
    world = control.get("world")

    control.put("world", world)

    assert [message.get("counted", True) for message in world["messages"]] == [False, True]
    assert control.get("world") == world
    assert control.api.unread("u1", "groups/crowd") == 1
