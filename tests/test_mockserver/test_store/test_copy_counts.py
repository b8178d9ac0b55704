"""The number of each user's copies follows every way in which copies come and go."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from duologue.fixtures.examples import examples
from duologue.mockserver.app import inside
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import copy_counts, list_statements, schema, world_cache
from duologue.mockserver.store.copy_counts import counts, ranges, totals
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.list_form import Form
from duologue.mockserver.store.store import Store


def kept(store):
    """What is kept, without users that have no copies any more."""
    found = store.reading().execute(select(counts).order_by("uid")).all()
    (total,) = store.reading().execute(select(totals)).all()
    assert tuple(total) == tuple(sum(each[place] for each in found) for place in (1, 2))
    parts = store.reading().execute(select(ranges).order_by("first_uid")).all()
    assert [each.first_uid for each in parts] == ["", *(each.end_uid for each in parts[:-1])]
    for part in parts:
        own = [each for each in found if part.first_uid <= each.uid < part.end_uid]
        assert part[2:] == tuple(sum(each[place] for each in own) for place in (1, 2))
    return [tuple(row) for row in found if row.of_users or row.of_groups]


def counted(store):
    copy = schema.copies.c
    rows = store.reading().execute(
        select(copy.uid, copy.kind, func.count()).group_by(copy.uid, copy.kind)
    )
    found: dict[str, dict[str, int]] = {}
    for uid, kind, number in rows:
        found.setdefault(uid, {})[kind] = number
    return [(uid, each.get("user", 0), each.get("group", 0)) for uid, each in sorted(found.items())]


def say(api, receiver, kind="user"):
    body = {"receiver": receiver, "receiverType": kind, "data": {"text": "Hello."}}
    return api.post("/messages", json=body, as_="ana")


@pytest.fixture(params=["one range", "ranges of two"])
def state(request, new_state, tmp_path, monkeypatch):
    """The URL of a new state; or of a file that is made for the users, as for a large world."""
    if request.param == "one range":
        return new_state()
    monkeypatch.setattr(copy_counts, "_USERS_OF_RANGE", 2)
    file = tmp_path / "ranges.sqlite"
    world_cache.build(examples(42), file)
    return f"sqlite:///{file}"


def test_copies_come_and_go(open_api, state):
    api = open_api(examples(42), state_url=state)
    store = inside(api.app).store
    for uid in ("new", "newer"):
        api.post("/users", json={"uid": uid, "name": uid})
    steps = (
        lambda: say(api, "new"),
        lambda: say(api, "newer"),
        lambda: api.post("/groups", json={"guid": "g9", "name": "G", "type": "public"}, as_="ana"),
        lambda: api.post("/groups/g9/members", json={"participants": ["new"]}, as_="ana"),
        lambda: api.delete("/groups/g9/members/new", as_="ana"),
        lambda: api.delete("/groups/g9", as_="ana"),
        lambda: api.delete("/users/new", json={"permanent": True}),
        lambda: api.client.post("/_mock/reset"),
    )

    for number, step in enumerate(steps):
        assert step().status_code == 200, number
        assert kept(store) == counted(store) != [], number


NOT_COUNTED = (
    "DROP TABLE copy_ranges",
    "DROP TABLE copy_totals",
    "DROP TABLE copy_counts",
    "DROP TRIGGER copy_is_added",
    "DROP TRIGGER copy_is_removed",
    "DROP INDEX copies_deleted",
    "DROP INDEX copies_tagged",
)


@pytest.mark.parametrize("statements", [NOT_COUNTED, NOT_COUNTED[:2], NOT_COUNTED[:1]])
def test_a_state_of_before_is_counted(tmp_path, statements):
    """A file without counts, as versions before them wrote it, gets them when it is opened."""
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")
    for statement in statements:
        store.reading().exec_driver_sql(statement)
    store.close()

    store = Store(f"sqlite:///{file}")

    assert kept(store) == counted(store) != []
    store.close()


def test_a_list_by_a_tag_looks_at_tagged_copies_alone(tmp_path):
    """Also in a file of before, which gets the index when it is opened."""
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")
    store.reading().exec_driver_sql("DROP INDEX copies_tagged")
    store.close()
    store = Store(f"sqlite:///{file}")
    form = Form.of(Criteria(), None, wanted=Filters(tags=("work",)), is_deep=False)
    page, _ = list_statements.build(Criteria(), form)
    conn = store.reading()
    sql = str(page.compile(dialect=conn.dialect))
    count = sql.count("?")
    plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("",) * count).all()
    store.close()

    scans = [row[3] for row in plan if row[3].startswith(("SCAN page_", "SCAN total_"))]
    assert len(scans) == 4  # each kind of peer, for the total and for the page
    assert all("copies_tagged" in scan for scan in scans), scans


def test_tags_may_be_longer_than_a_row_of_an_index(open_api):
    """PostgreSQL has no index rows of more than 2,704 bytes."""
    api = open_api(examples(42))
    tags = [f"{number:02}{'é' * 98}" for number in range(25)]
    peer = next(
        one["conversationWith"]["uid"]
        for one in api.get("/conversations", as_="ana").json["data"]
        if one["conversationType"] == "user"
    )

    changed = api.put(f"/users/{peer}/conversation", json={"tags": tags}, as_="ana")
    found = api.get(f"/conversations?tags={quote(tags[0])}")

    assert changed.json["data"]["tags"] == tags
    assert [one["uid"] for one in found.json["data"]] == ["ana"]


def test_a_range_has_few_users(tmp_path, monkeypatch):
    monkeypatch.setattr(copy_counts, "_USERS_OF_RANGE", 2)
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")

    users = len(kept(store))
    number = len(store.reading().execute(select(ranges)).all())
    store.close()

    assert number == users // 2 + 1  # the first one holds one user less


@pytest.mark.parametrize("name", ["state.sqlite", ":memory:"])
def test_a_new_state_counts(tmp_path, name):
    store = Store(f"sqlite:///{tmp_path / name}" if name != ":memory:" else "sqlite://")

    assert kept(store) == counted(store) == []
    store.close()
