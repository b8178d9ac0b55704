"""Two stores of one file: each knows whether the other has changed more than tags."""

from __future__ import annotations

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import marks, world_cache
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.worker_changes import WorkerChanges


@pytest.fixture
def told():
    return WorkerChanges(2)


@pytest.fixture
def stores(tmp_path, told):
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    stores = [Store(f"sqlite:///{file}", changes=told.of(number)) for number in range(2)]
    yield stores
    for store in stores:
        store.close()


def tag(store, *tags):
    page = Listing(Criteria()).page(store.reading(), "ana", wanted=Filters(), per_page=1, number=1)
    with store.writing() as conn:
        marks.set_tags(conn, page.items[0], tags)


def rename(store, name):
    with store.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = ? WHERE uid = 'ana'", (name,))


def test_tags_of_another_worker_change_tags_alone(stores):
    one, other = stores
    before = other.stamp()

    tag(one, "a")
    after = other.stamp()

    assert (before.whole, before.tags) != (after.whole, after.tags)
    assert after.whole == before.whole


@pytest.mark.parametrize("has_tags_too", [False, True])
def test_anything_else_of_another_worker_changes_the_whole(stores, has_tags_too):
    one, other = stores
    before = other.stamp()

    rename(one, "Another")
    if has_tags_too:
        tag(one, "a")

    assert other.stamp().whole != before.whole


def test_a_state_that_is_restored_is_another(stores):
    one, other = stores
    saved = StateSnapshot(one)
    before = other.stamp()

    saved.into(one)

    assert other.stamp().whole != before.whole
    saved.close()


def test_there_is_no_stamp_while_another_worker_commits(stores, told):
    one, other = stores
    before = other.stamp()

    with told.of(0).telling():
        tag(one, "a")  # what shows that something was committed; which, is not known yet
        during = other.stamp()
    rename(one, "Another")
    after = other.stamp()

    assert during is None
    assert after.whole != before.whole


def test_a_change_that_is_taken_back_changes_nothing(stores):
    one, other = stores
    before = other.stamp()

    with pytest.raises(ZeroDivisionError), one.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = 'x'")
        raise ZeroDivisionError

    assert other.stamp() == before


def test_without_word_of_others_each_change_is_of_the_whole(tmp_path):
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    one, other = (Store(f"sqlite:///{file}") for _ in range(2))
    before = other.stamp()

    tag(one, "a")

    assert other.stamp().whole != before.whole
    one.close()
    other.close()


def test_own_changes_are_no_word_of_others(told):
    one, other = told.of(0), told.of(1)
    before = one.of_others(), other.of_others()

    with one.telling():
        during = one.of_others(), other.of_others()
    after = one.of_others(), other.of_others()

    assert during == (before[0], None)
    assert after[0] == before[0]
    assert after[1] != before[1]
