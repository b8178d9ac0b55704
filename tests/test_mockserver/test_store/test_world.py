"""A world in the database: what follows from its rows."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world
from duologue.fixtures.examples import examples
from duologue.fixtures.world import SeedCopy, SeedMessage, World
from duologue.mockserver.errors import WorldBroken
from duologue.mockserver.store import canonical_dump
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.store import Store


@pytest.fixture
def store(tmp_path, new_state):
    store = Store(new_state() or f"sqlite:///{tmp_path}/state.sqlite")
    yield store
    store.close()


@pytest.fixture
def settled(store):
    """Settles a world in the store; what is to be seen of it."""

    def settled(built_world):
        Baseline(store, built_world).settle()
        return canonical_dump.take(store.reading())

    return settled


def with_rows(**rows):
    """The examples' world with other rows in one place."""
    plain = examples(42)
    return World(**(vars(plain) | rows))


def test_the_examples(settled):
    """Counts, order and last messages as the tables beside the examples tell."""
    seen = settled(examples(42))

    copies = seen["copies"]
    assert len(copies) == 11
    counts = {name: copy["unread_count"] for name, copy in copies.items() if name.startswith("ana")}
    assert counts == {
        "ana user bo": 3,
        "ana group new-group": 0,
        "ana group hikers": 2,
        "ana user dan": 0,
        "ana user cleo": 0,
    }
    assert copies["ana user dan"]["last_message"] is None
    assert copies["cleo user ana"]["unread_count"] == 0
    assert copies["cleo group hikers"]["unread_count"] == 3  # one of the four is her own


def test_nothing_read_and_own_messages_between(settled):
    """Without a copy of its own in the world, a party has read nothing; own ones do not count."""
    built_world = world()
    for turn in range(7):
        built_world.message(
            *(("ana", "one") if turn % 3 else ("bo", "two")), to="bo" if turn % 3 else "ana"
        )

    copies = settled(built_world.build())["copies"]

    assert copies["ana user bo"]["unread_count"] == 3
    assert copies["bo user ana"]["unread_count"] == 4


def test_read_in_the_middle(settled):
    """A cursor in the middle of a mixed conversation leaves what others said after it."""
    built_world = world()
    for turn in range(6):
        built_world.message("bo" if turn % 2 else "ana", to="ana" if turn % 2 else "bo")
        if turn == 2:
            built_world.read("ana", "bo")

    assert settled(built_world.build())["copies"]["ana user bo"]["unread_count"] == 2


def test_a_deleted_message_that_is_unread(settled):
    """It does not count; deleted before the cursor it makes no difference."""
    built_world = world().message("bo", to="ana", deleted=True).message("bo", to="ana")
    built_world.message("ana", to="bo", deleted=True)

    copies = settled(built_world.build())["copies"]

    assert copies["ana user bo"]["unread_count"] == 1
    assert copies["bo user ana"]["unread_count"] == 0


def test_a_state_that_holds_something_is_kept(store, settled):
    """A world is loaded into an empty database only."""
    before = settled(examples(42))
    Baseline(store, world().dm("x", "y").build()).settle()

    assert canonical_dump.differences(before, canonical_dump.take(store.reading())) == []


def test_a_state_that_was_emptied_is_kept(store, settled):
    """Who erased everybody finds nobody after the next start."""
    settled(examples(42))
    with store.writing() as run:
        for uid in ("ana", "bo", "cleo", "dan", "eve"):
            user_store.erase(run, uid)
    Baseline(store, examples(42)).settle()

    assert canonical_dump.take(store.reading())["users"] == {}


@pytest.mark.parametrize("is_its_own", [True, False])
def test_restored(store, is_its_own):
    """The world comes back, whether it was loaded by this process or an earlier one."""
    baseline = Baseline(store, examples(42))
    baseline.settle()
    before = canonical_dump.take(store.reading())
    if not is_its_own:
        baseline.close()
        baseline = Baseline(store, examples(42))
        baseline.settle()
    for _ in range(2):
        with store.writing() as run:
            run.exec_driver_sql("DELETE FROM users WHERE uid = 'ana'")
            run.exec_driver_sql("UPDATE copies SET tags = '', read_seq = 0, own = 0")

        baseline.restore()

        assert canonical_dump.differences(before, canonical_dump.take(store.reading())) == []
    baseline.close()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"copies": (SeedCopy("ana", "user", "bo", 99, ()),)}, "99"),
        ({"messages": (SeedMessage(1, "ana", "nowhere", "group", "x", 1, None),)}, "nowhere"),
    ],
)
def test_rows_that_do_not_fit_together(store, rows, reason):
    """They are refused, and the database stays empty."""
    with pytest.raises(WorldBroken, match=reason):
        Baseline(store, with_rows(**rows)).settle()

    assert canonical_dump.take(store.reading())["users"] == {}
