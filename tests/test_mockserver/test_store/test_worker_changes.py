"""Two stores of one file: each knows whether the other has changed more than tags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import backends, marks, worker_changes, world_cache
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.worker_changes import WorkerChanges
from support.waiting import WITHIN_S


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
    _, other = stores
    before = other.stamp()

    with told.of(0).of_more:
        during = other.stamp()
    after = other.stamp()

    assert during is None
    assert after.whole != before.whole


def test_nothing_is_known_of_tags_while_another_worker_commits_some(stores, told):
    _, other = stores
    before = other.stamp()

    with told.of(0).of_tags:
        during = other.stamp()
    after = other.stamp()

    assert during == (before.whole, None)
    assert after.whole == before.whole
    assert after.tags != before.tags


def test_the_stamp_changes_before_others_can_see_a_change(stores, monkeypatch):
    """A reader that sees a change and keeps what it has read must not take it for the old state."""

    def commit(connection):
        during.append(other.stamp())
        commit_now(connection)
        during.append(other.stamp())

    one, other = stores
    during, commit_now = [], backends.commit
    monkeypatch.setattr(backends, "commit", commit)
    before = other.stamp()

    rename(one, "Another")
    renamed = other.stamp()
    tag(one, "a")

    assert during == [None, None, (renamed.whole, None), (renamed.whole, None)]
    assert before.whole != renamed.whole


def test_a_stamp_waits_for_a_commit(told, monkeypatch):
    """The first nap of whoever waits ends the commit."""

    def commit():
        with told.of(0).of_more:
            begun.set()
            ends.wait(WITHIN_S)

    begun, ends = Event(), Event()
    monkeypatch.setattr(worker_changes.time, "sleep", lambda _: ends.set())
    thread = Thread(target=commit)
    thread.start()
    begun.wait(WITHIN_S)

    stamp = told.of(1).stamp(within_s=WITHIN_S)

    thread.join()
    assert ends.is_set()
    assert stamp == told.of(1).stamp(within_s=WITHIN_S)


def test_a_stamp_waits_for_no_thread_that_only_prepares_a_change(stores):
    one, _ = stores
    before = one.stamp()

    with one.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = 'x'")
        with ThreadPoolExecutor(1) as other:
            during = other.submit(one.stamp).result()

    assert during == before
    assert one.stamp() != before


def test_a_transaction_without_a_change_keeps_the_stamp(stores):
    one, other = stores
    before = other.stamp()

    with one.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = 'x' WHERE uid = 'nobody'")

    assert other.stamp() == one.stamp() == before


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
