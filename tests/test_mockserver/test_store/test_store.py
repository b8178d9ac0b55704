"""Connections, transactions, threads and processes over one state."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import threading

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.store import Store
from support.waiting import WITHIN_S


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/state.sqlite"


@pytest.fixture
def store(url):
    store = Store(url)
    Baseline(store, examples(42)).settle()
    yield store
    store.close()


def count(run):
    return run.exec_driver_sql("SELECT count(*) FROM users").scalar_one()


def test_all_or_nothing(store):
    """What fails half way has changed nothing."""
    with pytest.raises(ZeroDivisionError), store.writing() as run:
        run.exec_driver_sql("DELETE FROM users")
        raise ZeroDivisionError

    assert count(store.reading()) == 5


def test_a_connection_for_each_thread(store):
    """A thread keeps its own, and sees what another has committed."""
    seen = []

    def other():
        seen.append((store.reading(), count(store.reading())))

    with store.writing() as run:
        run.exec_driver_sql("DELETE FROM users WHERE uid = 'eve'")
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()

    assert seen[0][0] is not store.reading()
    assert store.reading() is store.reading()
    assert seen[0][1] == 4


def test_readers_do_not_wait_for_writers(store):
    """Within a transaction others read what was before it."""
    seen = []
    with store.writing() as run:
        run.exec_driver_sql("DELETE FROM users")
        thread = threading.Thread(target=lambda: seen.append(count(store.reading())))
        thread.start()
        thread.join(WITHIN_S)

    assert seen == [5]


def test_the_log_of_writes_does_not_grow(store, tmp_path):
    """No reader is left in a transaction, which would keep the log from being folded in."""
    for number in range(3000):
        with store.writing() as run:
            run.exec_driver_sql(f"UPDATE users SET name = 'n{number}'")
        store.reading().exec_driver_sql("SELECT * FROM users").first()

    assert (tmp_path / "state.sqlite-wal").stat().st_size < 8_000_000


def test_the_state_outlives_the_store(url, store):
    """What was committed is there for the next one."""
    with store.writing() as run:
        run.exec_driver_sql("DELETE FROM users WHERE uid = 'eve'")
    store.close()

    again = Store(url)
    assert count(again.reading()) == 4
    again.close()


def test_what_was_committed_survives_a_kill(url, store):
    """A process that is killed after its commit has lost nothing."""
    code = (
        "import os, signal; from duologue.mockserver.store.store import Store\n"
        f"with Store({url!r}).writing() as run: run.exec_driver_sql('DELETE FROM messages')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)

    assert ended.returncode == -9
    left = store.reading().exec_driver_sql("SELECT count(*) FROM messages").scalar_one()
    assert left == 0


@pytest.mark.parametrize(("is_kept", "level"), [(True, 1), (False, 0)])
def test_only_a_state_that_is_kept_is_written_to_the_disk_itself(url, is_kept, level):
    """SQLite's levels: 1 is NORMAL, 0 is OFF, which a killed process survives as well."""
    store = Store(url, is_kept=is_kept)
    with store.writing() as conn:
        found = conn.exec_driver_sql("PRAGMA synchronous").scalar_one()
    store.close()

    assert found == level


def test_a_change_of_tags_is_told_from_all_others(store):
    """Of the stamp one number changes with tags, the other with anything else."""
    tag = "UPDATE copies SET tags = tags || 'x' WHERE uid = 'ana'"
    stamps = [store.stamp()]
    for statement, is_of_tags in ((tag, True), (tag, False), ("DELETE FROM blocks", False)):
        with store.writing() as conn:
            changed = conn.exec_driver_sql(statement).rowcount
            conn.info["tagged_rows"] += changed if is_of_tags else 0
        stamps.append(store.stamp())

    moved = [
        (after.whole - before.whole, after.tags - before.tags)
        for before, after in itertools.pairwise(stamps)
    ]
    assert moved == [(0, 1), (1, 0), (0, 0)]


def test_there_is_no_stamp_while_another_thread_writes(store):
    """What is about to be committed is of a kind that is not known yet."""
    store.stamp()
    found = []
    with store.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = 'n'")
        thread = threading.Thread(target=lambda: found.append(store.stamp()))
        thread.start()
        thread.join()

    assert found == [None]
    assert store.stamp() is not None


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/x.sqlite", "oracle://x"])
def test_an_address_that_leads_nowhere(url):
    """One sentence that names the address."""
    with pytest.raises(StateUnusable, match=url.split(":")[0]):
        Store(url)


def test_threads_that_lose_their_connections_at_once_connect_again_once(store):
    """The first failure lets all connect again; the others do not take the new one away."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    other, has_one, may_fail = [], threading.Event(), threading.Event()

    def late():
        store.reading()
        has_one.set()
        may_fail.wait(WITHIN_S)
        store.unavailable(error)  # of a connection that is not in use any more

    thread = threading.Thread(target=late)
    thread.start()
    has_one.wait(WITHIN_S)
    first = store.reading()
    store.unavailable(error)
    other.append(store.reading())
    may_fail.set()
    thread.join(WITHIN_S)

    assert other[0] is not first
    assert store.reading() is other[0]


def test_a_connection_closed_in_the_meantime_is_replaced(store):
    """A thread that slept through several losses reads on."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    before = store.reading()

    def lose():
        for _ in range(3):
            store.reading()
            store.unavailable(error)
            store.reading()

    thread = threading.Thread(target=lose)
    thread.start()
    thread.join(WITHIN_S)

    assert before.closed
    assert count(store.reading()) == 5


def test_no_connection_is_given_up_for_want_of_another(store):
    """Out of descriptors or disk space: what is open goes on."""
    before = store.reading()

    for text in ("unable to open database file", "database or disk is full"):
        store.unavailable(sqlite3.OperationalError(text))

    assert store.reading() is before
