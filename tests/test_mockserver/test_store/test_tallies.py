"""Numbers of rows on PostgreSQL stay right, and their notes few, with two writers at once."""

from __future__ import annotations

import threading

import pytest

from duologue.mockserver.store.store import Store

NOTES = 300  # of each writer: more than are summed up at once


@pytest.fixture
def store(engine, new_state):
    if engine != "postgresql":
        pytest.skip("SQLite has a row of totals")
    store = Store(new_state())
    yield store
    store.close()


def add_and_remove(store, name):
    conn = store.reading()
    for number in range(NOTES):
        conn.exec_driver_sql(
            "INSERT INTO copies (uid, kind, peer, conversation_id, read_seq, own, tags, updated_at)"
            f" VALUES ('{name}', 'user', '{number}', 1, 0, 0, '', 0)"
        )
    conn.exec_driver_sql(f"DELETE FROM copies WHERE uid = '{name}' AND peer < '2'")


def test_two_writers_and_their_sum(store):
    threads = [
        threading.Thread(target=add_and_remove, args=(store, name)) for name in ("ana", "bo")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    conn = store.reading()

    (total,) = conn.exec_driver_sql("SELECT of_users, of_groups FROM copy_totals").all()
    notes = conn.exec_driver_sql("SELECT count(*) FROM tallies").scalar_one()
    left = conn.exec_driver_sql("SELECT count(*) FROM copies").scalar_one()

    assert tuple(total) == (left, 0)
    assert 0 < left < 2 * NOTES
    assert notes < NOTES


def test_a_transaction_taken_back_leaves_no_note(store):
    conn = store.reading()
    conn.exec_driver_sql("BEGIN")
    add_and_remove(store, "ana")
    conn.exec_driver_sql("ROLLBACK")

    assert conn.exec_driver_sql("SELECT of_users FROM copy_totals").scalar_one() == 0
