"""Numbers of rows on PostgreSQL stay right, and their notes few, with two writers at once."""

from __future__ import annotations

import threading

import pytest

from duologue.mockserver.store import tallies
from duologue.mockserver.store.store import Store

NOTES = 300  # of each writer: more than are summed up at once
MOST_NOTES = 256  # that are left by one writer, beside the sums


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


def numbers(conn):
    """Return the total as it is read, the rows that are there, the notes and the sums."""
    return (
        *conn.exec_driver_sql("SELECT of_users FROM copy_totals").one(),
        *conn.exec_driver_sql("SELECT count(*) FROM copies").one(),
        *conn.exec_driver_sql("SELECT count(*), count(DISTINCT name) FROM tallies").one(),
    )


def test_two_writers_and_their_sum(store):
    threads = [
        threading.Thread(target=add_and_remove, args=(store, name)) for name in ("ana", "bo")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    total, rows, _, _ = numbers(store.reading())

    assert total == rows
    assert 0 < rows < 2 * NOTES


def test_a_sum_that_another_transaction_prevents_is_made_up_for(store):
    other = store.reading().engine.connect()
    other.exec_driver_sql("BEGIN")
    other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({tallies.LOCK})")
    add_and_remove(store, "ana")
    _, _, notes, _ = numbers(store.reading())
    assert notes > NOTES
    other.exec_driver_sql("ROLLBACK")
    other.close()

    add_and_remove(store, "bo")
    total, rows, notes, sums = numbers(store.reading())

    assert total == rows
    assert notes <= MOST_NOTES + sums


def test_a_transaction_taken_back_leaves_no_note(store):
    conn = store.reading()
    conn.exec_driver_sql("BEGIN")
    add_and_remove(store, "ana")
    conn.exec_driver_sql("ROLLBACK")

    assert conn.exec_driver_sql("SELECT of_users FROM copy_totals").scalar_one() == 0
