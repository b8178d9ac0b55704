"""Totals from counts and pages from a start: the same as by going through all rows."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import text

from duologue.fixtures.builder import world
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import backends, copy_counts, criteria, world_cache
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.list_form import Form
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.store import Store


def visible(tables):
    """Say the same as the usual criterion: for another function each row is counted."""
    return criteria.visible(tables)


PEOPLE = [f"p{number:02}" for number in range(12)]
STARTED = Listing(Criteria())
COUNTED = Listing(replace(Criteria(), visible=visible))
FORMS = [
    Filters(conversation_type=kind, hide_blocked=hidden)
    for kind in (None, "user", "group")
    for hidden in (False, True)
]


ENGINES = os.environ.get("DUOLOGUE_ENGINES", "sqlite").split()


@pytest.fixture(scope="module", params=[*ENGINES, "sqlite in ranges"])
def store(request, tmp_path_factory):
    """A world with equal times, deleted copies that are back or not, blocks, and empty groups.

    "sqlite in ranges" is a file as that of a large world, with ranges of three users.
    """
    file = tmp_path_factory.mktemp("state") / "state.sqlite"
    url = f"sqlite:///{file}"
    if request.param == "sqlite in ranges":
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(copy_counts, "_USERS_OF_RANGE", 3)
            world_cache.build(_world().build(), file)
    elif request.param != "sqlite":
        url = request.getfixturevalue("postgres").empty(91)
    store = Store(url)
    Baseline(store, _world().build()).settle()
    with store.writing() as conn:
        for statement in _CHANGES:
            conn.execute(text(statement))
    yield store
    store.close()


def _world():
    chance, seeded = Random(5), world()
    for me in PEOPLE:
        for you in PEOPLE:
            if me < you and chance.random() < 0.7:
                seeded.dm(me, you)
    for number in range(9):
        seeded.group(f"g{number}", members=chance.sample(PEOPLE, 5))
    return seeded


_CHANGES = (
    "UPDATE conversations SET updated_at = updated_at - updated_at % 600",
    "UPDATE copies SET updated_at = (SELECT updated_at FROM conversations"
    " WHERE id = conversation_id) WHERE kind = 'user'",
    "UPDATE copies SET hidden_seq = 10000 WHERE conversation_id % 7 = 0",
    "UPDATE copies SET hidden_seq = 0 WHERE conversation_id % 7 = 1",
    "INSERT INTO blocks (uid, blocked, blocked_at) SELECT uid, peer, 1 FROM copies"
    " WHERE kind = 'user' AND conversation_id % 5 = 0",
    "DELETE FROM copies WHERE uid = 'p03' OR uid = 'p11'",
)


def rows(page):
    return [(copy.owner, copy.kind, copy.peer, copy.updated_at) for copy in page.items], page.total


@pytest.mark.parametrize("wanted", FORMS)
@pytest.mark.parametrize("caller", [None, "p00", "p03", "p07", "nobody"])
def test_each_page_is_that_of_all_rows(store, wanted, caller):
    pages = [(size, number) for size in (4, 50) for number in range(1, 160 // size)]

    started, counted = (
        [
            rows(listing.page(store.reading(), caller, wanted=wanted, per_page=size, number=number))
            for size, number in pages
        ]
        for listing in (STARTED, COUNTED)
    )

    assert started == counted


@pytest.mark.parametrize(
    ("wanted", "is_counted"),
    [
        (Filters(), True),
        (Filters(conversation_type="user"), True),
        (Filters(unread=True), False),
        (Filters(tags=("a",)), False),
        (Filters(search_key="a"), False),
    ],
)
def test_filters_are_counted_row_by_row(wanted, is_counted):
    form = Form.of(Criteria(), "p00", wanted=wanted, is_deep=True)

    assert (form.is_counted, form.is_deep) == (is_counted, is_counted)


def test_another_order_has_no_start():
    by = replace(Criteria(), newest_first=lambda updated_at, _, peer: (peer, updated_at))

    form = Form.of(by, "p00", wanted=Filters(), is_deep=True)

    assert (form.is_counted, form.is_deep) == (True, False)


def test_a_deep_page_looks_at_few_conversations(store):
    """The order of those before it comes from the index alone."""
    if not backends.keeps_one_writer(store.reading()):
        pytest.skip("asks SQLite for its plan")
    statement, _ = STARTED._statements(Form.of(Criteria(), None, wanted=Filters(), is_deep=True))
    conn = store.reading()
    statement.all(conn, {"take": 5, "skip": 20, "reach": 25})
    query, bind = statement._compiled["sqlite"]

    values = bind({"take": 5, "skip": 20, "reach": 25})
    plan = conn.info["driver"].execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()

    steps = [row[3] for row in plan]
    assert sum("copies_by_time (uid>?)" in step for step in steps) == 2, steps
    assert any("copies_deleted (uid=?)" in step for step in steps), steps
    assert "SEARCH copy_counts USING PRIMARY KEY (uid>? AND uid<?)" in steps, steps
