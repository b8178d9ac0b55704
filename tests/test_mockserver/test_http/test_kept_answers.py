"""Answers that are kept are those that a mock without any cache would give, whatever happened.

Two mocks with one past get the same random changes: by the API, by the control plane, by a second
process on the same state. After each change both are asked the same, the second without a cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.store.store import Store
from support.api import Api

NOW = 1_767_254_400
USERS = ("ana", "bo", "cleo", "dan")
PLACES = ("users/ana", "users/bo", "users/cleo", "users/dan", "groups/hikers")
TAGS = ("x", "naïve 🥾", "family", "")
QUESTIONS = (
    {},
    {"withTags": "true"},
    {"with%54ags": "true"},
    {"tags": "x"},
    {"userTags": "x"},
    {"groupTags": "outdoors"},
    {"unread": "true"},
    {"conversationType": "user"},
    {"searchKey": "bo"},
    {"perPage": "1", "page": "2"},
    {"withUserAndGroupTags": "true", "includeBlockedUsers": "true"},
    {"withBlockedInfo": "true"},
)
Change = tuple[str, Callable[[Api, str, str, str], Any]]


def _control(api: Api, method: str, path: str, body: Any = None) -> None:
    answer = api.client.open(f"/_mock/{path}", method=method, json=body)
    assert answer.status_code < 400, answer.get_data(as_text=True)


def _last_message(api: Api, who: str, place: str) -> str:
    """Return the id of the newest message that a user sees at a place; 1 if there is none."""
    found = api.get(f"/{place}/messages", as_=who).get_json().get("data", [])
    return str(found[-1]["id"]) if found else "1"


def _save_and_bring_back(api: Api, who: str, place: str, tag: str) -> None:
    _control(api, "POST", "snapshots", {"name": "one"})
    _tag(api, who, place, tag)
    _control(api, "POST", "snapshots/one/restore")


def _tag(api: Api, who: str, place: str, tag: str) -> None:
    tags = [tag] if tag else []
    api.put(f"/{place}/conversation", as_=who, json={"tags": tags})


def _break_for_a_while(api: Api, who: str, place: str, tag: str) -> None:
    """Tag while a fault sets a time back with it, and ask while it is on."""
    _control(api, "PUT", "faults", {"faults": ["tags-set-updated-at-back"]})
    _tag(api, who, place, tag)
    api.get("/conversations", as_=who)
    _control(api, "PUT", "faults", {"faults": []})


def _write_elsewhere(api: Api, who: str, place: str, tag: str) -> None:
    """Change names and tags as another process on the same state would."""
    other = Store(inside(api.app).store.url)
    with other.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = ? WHERE uid = ?", (f"N {tag}", who))
        conn.exec_driver_sql("UPDATE copies SET tags = '' WHERE uid = ?", (who,))
    other.close()


def _message(api: Api, who: str, place: str, tag: str) -> None:
    kind, receiver = place.split("/")
    body = {"receiver": receiver, "receiverType": kind[:-1], "data": {"text": f"Hi {tag}"}}
    api.post("/messages", as_=who, json=body)


CHANGES: tuple[Change, ...] = (
    ("tags", _tag),
    ("tags twice", lambda api, who, place, tag: [_tag(api, who, place, t) for t in (tag, "x")]),
    ("message", _message),
    ("read", lambda api, who, place, _: api.post(f"/{place}/conversation/read", as_=who)),
    ("unread", lambda api, who, place, _: api.delete(f"/{place}/conversation/read", as_=who)),
    ("deliver", lambda api, who, place, _: api.post(f"/{place}/conversation/delivered", as_=who)),
    ("reset", lambda api, who, place, _: api.delete(f"/{place}/conversation", as_=who)),
    (
        "delete",
        lambda api, who, place, _: api.delete(
            f"/conversations/{place.replace('s/', '_')}", as_=who
        ),
    ),
    (
        "edit",
        lambda api, who, place, tag: api.put(
            f"/messages/{_last_message(api, who, place)}", as_=who, json={"data": {"text": tag}}
        ),
    ),
    (
        "delete a message",
        lambda api, who, place, _: api.delete(
            f"/messages/{_last_message(api, who, place)}", as_=who
        ),
    ),
    (
        "a user",
        lambda api, who, _, tag: api.put(
            f"/users/{who}", json={"name": f"{who} {tag}", "tags": [tag or "y"]}
        ),
    ),
    ("a group", lambda api, _, place, tag: api.put("/groups/hikers", json={"name": f"H {tag}"})),
    ("leave", lambda api, who, *_: api.delete(f"/groups/hikers/members/{who}")),
    (
        "join",
        lambda api, who, *_: api.post("/groups/hikers/members", json={"participants": [who]}),
    ),
    (
        "block",
        lambda api, who, *_: api.post(f"/users/{who}/blockedusers", json={"blockedUids": ["bo"]}),
    ),
    (
        "lift the block",
        lambda api, who, *_: api.delete(f"/users/{who}/blockedusers", json={"blockedUids": ["bo"]}),
    ),
    ("remove a user", lambda api, *_: api.delete("/users/eve", json={"permanent": True})),
    ("reset the mock", lambda api, *_: _control(api, "POST", "reset")),
    ("clock", lambda api, *_: _control(api, "POST", "clock/advance", {"seconds": 3600})),
    (
        "presence",
        lambda api, who, *_: _control(api, "PUT", "presence", {"uid": who, "status": "online"}),
    ),
    ("snapshot", _save_and_bring_back),
    ("fault", _break_for_a_while),
    ("another process", _write_elsewhere),
)

steps = st.lists(
    st.tuples(
        st.sampled_from(CHANGES),
        st.sampled_from(USERS),
        st.sampled_from(PLACES),
        st.sampled_from(TAGS),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """Two mocks with one past: the second makes every answer anew."""
    own = documented.behaviours()
    made = (own, replace(own, finish=lambda _, answer: answer))
    folder: Path = tmp_path_factory.mktemp("states")
    with ExitStack() as stack:
        apps = [
            create_app(
                world=examples(42),
                clock=lambda: NOW,
                behaviours=behaviours,
                state_url=f"sqlite:///{folder}/{number}.sqlite",
            )
            for number, behaviours in enumerate(made)
        ]
        for app in apps:
            stack.callback(inside(app).close)
        yield Api(apps[0]), Api(apps[1])


def _seen(api: Api) -> dict[str, Any]:
    lists = {
        f"{who} {query}": api.get(
            f"/conversations?{'&'.join(f'{k}={v}' for k, v in query.items())}", as_=who
        ).get_json()
        for who in ("ana", "bo", None)
        for query in QUESTIONS
    }
    ones = {place: api.get(f"/{place}/conversation", as_="ana").get_json() for place in PLACES[1:]}
    return lists | ones


@given(steps)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_any_changes_a_kept_answer_is_the_one_that_would_be_made(
    both: tuple[Api, Api], changes: list[tuple[Change, str, str, str]]
) -> None:
    for api in both:
        _control(api, "POST", "reset")
    for (_, change), who, place, tag in changes:
        for api in both:
            change(api, who, place, tag)

        kept, anew = map(_seen, both)
        assert kept == anew


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0])
def test_each_kind_of_change_is_seen_at_once(both: tuple[Api, Api], change: Change) -> None:
    for api in both:
        _control(api, "POST", "reset")
    assert _seen(both[0]) == _seen(both[1])

    for api in both:
        change[1](api, "ana", "users/bo", "x")

    assert _seen(both[0]) == _seen(both[1])
