"""A saved state is the one of its moment, whatever is written while it is copied."""

from __future__ import annotations

import threading

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.store import world_cache
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.mockserver.store.store import Store


@pytest.fixture
def store(tmp_path):
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}")
    yield store
    store.close()


def rename(store, name):
    with store.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = ? WHERE uid = 'ana'", (name,))


def name_of(store):
    return store.reading().exec_driver_sql("SELECT name FROM users WHERE uid = 'ana'").scalar_one()


def in_thread(act, *arguments):
    thread = threading.Thread(target=act, args=arguments)
    thread.start()
    return thread


def test_a_state_that_completes_later_is_that_of_its_begin(store):
    before = name_of(store)
    saved = StateSnapshot(store, completes_later=True)

    in_thread(rename, store, "Another").join()
    saved.complete()

    assert name_of(store) == "Another"
    saved.into(store)
    assert name_of(store) == before


def test_who_restores_waits_until_it_is_complete(store):
    before = name_of(store)
    saved = StateSnapshot(store, completes_later=True)
    in_thread(rename, store, "Another").join()
    waiting = in_thread(saved.into, store)

    is_early = not waiting.is_alive()
    saved.complete()
    waiting.join()

    assert (is_early, name_of(store)) == (False, before)


def test_the_connection_reads_on_afterwards(store):
    saved = StateSnapshot(store, completes_later=True)
    saved.complete()
    saved.complete()  # once more does nothing

    rename(store, "Another")

    assert name_of(store) == "Another"


def test_a_state_in_memory_is_saved_at_once():
    store = Store("sqlite://")
    rename_all = "INSERT INTO origin (world, seed) VALUES ('a', 1)"
    saved = StateSnapshot(store, completes_later=True)
    store.reading().exec_driver_sql(rename_all)
    saved.complete()

    saved.into(store)

    assert store.reading().exec_driver_sql("SELECT count(*) FROM origin").scalar_one() == 0
    store.close()
