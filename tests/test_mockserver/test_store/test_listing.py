"""The list as SQL: how its statements are built and kept, and that they walk along the index."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.store import Store


@pytest.fixture
def store(tmp_path):
    seeded = world()
    for number in range(40):
        seeded.dm("ana", f"p{number:02}")
    seeded.group("g", members=["ana", "p01"])
    store = Store(f"sqlite:///{tmp_path}/state.sqlite")
    Baseline(store, seeded.build()).settle()
    yield store
    store.close()


def page(listing, store, wanted, caller="ana"):
    return listing.page(store.reading(), caller, wanted=wanted, per_page=5, number=2)


def test_requests_of_one_form_share_a_statement(store):
    """Other values build nothing anew; other filters do."""
    listing = Listing(Criteria())
    for wanted in (
        Filters(),
        Filters(search_key="a"),
        Filters(search_key="b"),
        Filters(tags=("x",)),
        Filters(tags=("y",)),
        Filters(tags=("x", "y")),
    ):
        page(listing, store, wanted)

    assert len(listing._kept) == 4


def test_statements_are_not_kept_without_end(store, monkeypatch):
    """A request with ever more tags does not fill the memory."""
    listing = Listing(Criteria())
    monkeypatch.setattr("duologue.mockserver.store.listing._KEPT_STATEMENTS", 8)
    for count in range(20):
        page(listing, store, Filters(tags=("x",) * count))

    assert len(listing._kept) <= 8


@pytest.fixture
def asked(store):
    """The statements that SQLite itself is given, their values filled in."""
    asked: list[str] = []
    connection = store.reading().connection.dbapi_connection
    connection.set_trace_callback(asked.append)
    yield asked
    connection.set_trace_callback(None)


def test_a_page_is_one_query_and_one_for_each_other_party(store, asked):
    """The total comes with the rows; who wrote the last messages is asked once for each."""
    found = page(Listing(Criteria()), store, Filters())

    assert (len(found.items), found.total, len(asked)) == (5, 41, 2)


def test_a_callers_list_walks_along_the_index(store, asked):
    """1-on-1s are read in order from the index, as many as the page needs and no more."""
    page(Listing(Criteria()), store, Filters())

    plan = store.reading().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}").all()

    steps = [row[3] for row in plan]
    assert any("copies_by_time (uid=? AND kind=?)" in step for step in steps), steps
    assert not any(step.startswith("SCAN copies") for step in steps), steps
