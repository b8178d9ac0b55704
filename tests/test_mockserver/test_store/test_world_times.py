"""A world whose times are moved: nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from support.api import Api

NEWEST_AT = 1_790_000_000
TIMES = {"at", "sentAt", "createdAt", "updatedAt", "deletedAt", "deliveredAt", "readAt", "editedAt",
         "joinedAt", "lastActiveAt"}  # fmt: skip


def _world(app: Any) -> dict[str, Any]:
    return Api(app).client.get("/_mock/world").get_json()


def _times(value: Any) -> Iterator[int]:
    """Yield all times of a document, those within what action messages tell included."""
    if isinstance(value, list):
        for one in value:
            yield from _times(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in TIMES and isinstance(one, int):
                yield one
            else:
                yield from _times(one)


@pytest.fixture(scope="module", params=["default", "inbox"])
def worlds(request):
    """The same world as its seed gives it, and moved."""
    apps = [create_app(world=make(request.param), newest_at=at) for at in (None, NEWEST_AT)]
    yield apps
    for app in apps:
        inside(app).close()


def test_all_times_are_moved_by_the_same(worlds):
    given, moved = (_world(app) for app in worlds)

    by_s = {after - before for before, after in zip(_times(given), _times(moved), strict=True)}

    assert len(by_s) == 1
    assert min(by_s) > 0


def test_the_last_time_is_the_one_wanted(worlds):
    assert max(_times(_world(worlds[1]))) == NEWEST_AT


def test_the_newest_conversation_is_minutes_old(worlds):
    (row,) = Api(worlds[1]).get("/conversations?perPage=1", as_="ana").get_json()["data"]

    assert 0 <= NEWEST_AT - row["updatedAt"] <= 600


def test_a_reset_brings_the_same_times(worlds):
    api = Api(worlds[1])
    before = _world(worlds[1])

    api.put("/users/ana", json={"name": "Another"})
    api.client.post("/_mock/reset")

    assert _world(worlds[1]) == before


def test_a_world_of_later_times_stays_as_it_is():
    apps = [create_app(world=make("examples"), newest_at=at) for at in (None, 1)]
    given, moved = (_world(app) for app in apps)
    for app in apps:
        inside(app).close()

    assert moved == given


def test_a_world_without_messages_stays_as_it_is():
    app = create_app(world=make("empty"), newest_at=NEWEST_AT)
    found = _world(app)
    inside(app).close()

    assert list(_times(found)) == []


def test_a_world_is_moved_in_each_database(new_state):
    app = create_app(world=make("inbox"), state_url=new_state(), newest_at=NEWEST_AT)
    found = _world(app)
    inside(app).close()

    assert max(_times(found)) == NEWEST_AT
