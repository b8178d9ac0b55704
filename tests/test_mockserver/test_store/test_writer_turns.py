"""One writer at a time, whichever thread of whichever worker process it is."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.store import world_cache
from duologue.mockserver.store.store import Store
from support.waiting import WITHIN_S

# A child takes the turn and keeps it. The parent asks for it without waiting, ends the child and
# waits for it then.
TWO_PROCESSES = """
import fcntl, os, signal, sys
from duologue.mockserver.store.writer_turns import FileTurn

turn = FileTurn()
reads, writes = os.pipe()
child = os.fork()
if child == 0:
    turn.take()
    if sys.argv[1] == "given back":
        turn.give_back()
    os.write(writes, b"!")
    signal.pause()
os.read(reads, 1)
try:
    fcntl.lockf(turn._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except BlockingIOError:
    print("taken")
os.kill(child, signal.SIGKILL)
turn.take()
print("mine")
os.waitpid(child, 0)
"""


@pytest.mark.parametrize(("what", "seen"), [("kept", "taken"), ("given back", "free")])
def test_a_process_waits_for_another_one_until_that_gives_back_or_is_killed(what, seen):
    said = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES, what],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert said.stdout.split() == [seen, "mine"]


class Noted:
    """A turn that notes what is done with it."""

    def __init__(self):
        self.done = []

    def take(self):
        self.done.append("take")

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

    def interrupted():
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
