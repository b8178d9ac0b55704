"""One writer at a time, whichever thread of whichever worker process it is."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from threading import Semaphore

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.errors import StateUnavailable
from duologue.mockserver.http.traffic.answer_slots import AnswerSlots
from duologue.mockserver.store import world_cache
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.writer_turns import SOON_S, WriterTurn, shared_turn
from support.waiting import WITHIN_S, happens

HELD = "another process holds the file; end it, or send this again"

# A child takes the turn and keeps it until the parent has asked for it.
TWO_PROCESSES = """
import os
from duologue.mockserver.store.writer_turns import SharedTurn

turn = SharedTurn()
(taken, takes), (asked, asks) = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    turn.take(0)
    os.write(takes, b"!")
    os.read(asked, 1)
    turn.give_back()
    os._exit(0)
os.read(taken, 1)
print("free" if turn.take(0) else "taken")
os.write(asks, b"!")
print("mine" if turn.take(60) else "kept")
turn.give_back()
print("mine" if turn.take(0) else "kept")
os.waitpid(child, 0)
"""


def test_a_process_waits_for_another_one_until_that_gives_back():
    said = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert said.stdout.split() == ["taken", "mine", "mine"]


def test_a_system_without_semaphores_has_no_turn(monkeypatch):
    def unknown(method):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("multiprocessing.get_context", unknown)

    assert shared_turn() is None


class Noted:
    """A turn that notes what is done with it."""

    def __init__(self):
        self.done = []

    def take(self, within_s):
        self.done.append("take")
        return True

    def give_back(self):
        self.done.append("give back")


@pytest.fixture
def turn():
    return Noted()


@pytest.fixture
def store(tmp_path, turn):
    file = tmp_path / "state.sqlite"
    world_cache.build(examples(42), file)
    store = Store(f"sqlite:///{file}", turn=turn)
    turn.done.clear()
    yield store
    store.close()


def write(store):
    with store.writing():
        pass


@pytest.mark.parametrize("name", ["writing", "alone", "replacing", "frozen"])
def test_who_writes_has_the_turn_once(store, turn, name):
    with getattr(store, name)():
        assert turn.done == ["take"]

    assert turn.done == ["take", "give back"]


def test_a_turn_within_a_turn_is_the_same(store, turn):
    with store.alone():
        write(store)

    assert turn.done == ["take", "give back"]


def test_the_turn_is_given_back_after_a_failure(store, turn):
    with pytest.raises(KeyError), store.writing() as conn:
        conn.exec_driver_sql("UPDATE users SET name = 'Another'")
        raise KeyError

    assert turn.done == ["take", "give back"]


def test_who_only_reads_takes_no_turn(store, turn):
    store.reading().exec_driver_sql("SELECT * FROM users").all()

    assert turn.done == []
    assert store.stamp() is not None
    assert turn.done == []


def test_a_turn_that_cannot_be_taken_keeps_nobody_waiting(store, turn, monkeypatch):
    """A signal may end the wait; the next one waits for this thread no more."""

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(turn, "take", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(store)

    # In another thread: this one could take again what it still had.
    another = threading.Thread(target=write, args=(store,), daemon=True)
    another.start()
    another.join(WITHIN_S)
    assert turn.done == ["take", "give back"]


class Kept:
    """A turn that another process has until it `is_let_in`; `waits` once it is waited for."""

    def __init__(self):
        self.is_let_in = False
        self.waits, self.ends = threading.Event(), threading.Event()

    def take(self, within_s):
        if self.is_let_in or within_s == SOON_S:
            return self.is_let_in
        self.waits.set()
        assert self.ends.wait(WITHIN_S)
        return self.is_let_in

    def give_back(self):
        pass


@pytest.fixture
def kept():
    kept = Kept()
    yield kept
    kept.ends.set()


def writers(turn, count, done):
    """Return threads that note whether they had the turn."""

    def write():
        try:
            with turn:
                done.append("written")
        except StateUnavailable as problem:
            done.append(problem.reason)

    return [threading.Thread(target=write, daemon=True) for _ in range(count)]


@pytest.mark.parametrize(("is_let_in", "seen"), [(True, "written"), (False, HELD)])
def test_those_of_one_process_wait_together_for_another_one(kept, is_let_in, seen):
    turn, done, gave_way = WriterTurn(threading.RLock(), kept), [], Semaphore(0)

    def give_way(wait, seconds):
        gave_way.release()
        wait(seconds)

    turn.give_way, turn.within_s = give_way, WITHIN_S
    first, *others = writers(turn, 4, done)
    first.start()
    assert kept.waits.wait(WITHIN_S)
    for other in others:
        other.start()
    assert all(gave_way.acquire(timeout=WITHIN_S) for _ in others)
    assert done == []
    kept.is_let_in = is_let_in
    kept.ends.set()
    for thread in (first, *others):
        thread.join(WITHIN_S)

    assert done == [seen] * 4


def test_who_was_refused_may_write_later(kept):
    turn = WriterTurn(threading.RLock(), kept)
    kept.ends.set()
    with pytest.raises(StateUnavailable), turn:
        pass
    kept.is_let_in = True

    with turn:
        pass


def test_a_thread_that_takes_long_over_its_own_turn_has_nobody_refused():
    turn, was_let_in = WriterTurn(threading.RLock()), threading.Event()
    turn.within_s = 0.0

    def write():
        with turn:
            was_let_in.set()

    another = threading.Thread(target=write, daemon=True)
    with turn:
        another.start()
        assert not was_let_in.wait(3 * SOON_S)

    assert was_let_in.wait(WITHIN_S)


@pytest.fixture
def foreign(store, tmp_path):
    """Return a connection of another program to the file of the store."""
    with closing(sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)) as connection:
        yield connection


def test_a_file_that_another_program_holds_is_refused_in_time(store, foreign):
    store.file_turn.within_s = 0.2
    foreign.execute("BEGIN IMMEDIATE")

    with pytest.raises(StateUnavailable, match="another process holds the file"):
        write(store)

    foreign.execute("ROLLBACK")
    write(store)


def test_a_writer_waits_until_another_program_lets_it_in(store, foreign):
    store.file_turn.within_s = WITHIN_S
    foreign.execute("BEGIN IMMEDIATE")
    writing = threading.Thread(target=write, args=(store,), daemon=True)
    writing.start()
    assert happens(lambda: store.file_turn._stall)
    foreign.execute("ROLLBACK")
    writing.join(WITHIN_S)

    write(store)


def test_others_are_answered_while_writers_wait(store, foreign):
    slots, done = AnswerSlots(2), []
    store.file_turn.give_way, store.file_turn.within_s = slots.give_way, WITHIN_S
    writer = slots.wrap(lambda *_: done.append(write(store)))
    reader = slots.wrap(lambda *_: store.reading().exec_driver_sql("SELECT 1").scalar_one())
    request = {"PATH_INFO": "/v3/users"}
    foreign.execute("BEGIN IMMEDIATE")
    writing = [threading.Thread(target=writer, args=(request, None), daemon=True) for _ in "1234"]
    for thread in writing:
        thread.start()
    assert happens(lambda: store.file_turn._stall)

    assert reader(request, None) == 1
    assert done == []
    foreign.execute("ROLLBACK")
    for thread in writing:
        thread.join(WITHIN_S)
    assert done == [None] * 4
