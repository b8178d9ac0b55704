"""Large worlds are built once and kept; what is taken from the shelf is what loading gives."""

from __future__ import annotations

import sqlite3

import pytest

from duologue.fixtures.errors import FixturesError
from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store import lazy_world, world_cache
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.store import Store

SIZES = "users=60,messages=900,groups=9,conversations=70"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A shelf of the test's own, on which a world of 900 messages is large."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(world_cache, "LARGE", 900)
    return tmp_path / "duologue" / "worlds" / "large"


def named_world(name, seed, make=make):
    return lazy_world.lazy_world(name, seed, make=make, package="duologue.fixtures")


def never(name, seed):
    raise AssertionError(f"{name} with seed {seed} is made again")


def rows_of(store):
    state = state_dump.read(store.reading())
    return state.rows, state.next_ids


def indexes_of(store):
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY sql"
    return store.reading().exec_driver_sql(query).all()


def test_a_world_of_the_shelf_is_the_world(tmp_path):
    """The same rows, numbers and indexes as loading it gives, and the second time no building."""
    url, world = f"sqlite:///{tmp_path}/shelved.sqlite", make(SIZES)
    plain = Store(f"sqlite:///{tmp_path}/plain.sqlite")
    Baseline(plain, world).settle()

    assert world_cache.put(world, url)
    shelved = Store(url)
    assert rows_of(shelved) == rows_of(plain)
    assert indexes_of(shelved) == indexes_of(plain)
    for store in (plain, shelved):
        store.close()


def test_built_once(folder, tmp_path, monkeypatch):
    """The second state comes from the file that the first one has left."""
    world = make(SIZES)
    world_cache.put(world, f"sqlite:///{tmp_path}/one.sqlite")
    monkeypatch.setattr(world_cache, "build", None)

    assert world_cache.put(world, f"sqlite:///{tmp_path}/two.sqlite")
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "world", [make(SIZES, 43), make(f"{SIZES[:-2]}71"), make(SIZES.replace("900", "901"))]
)
def test_another_world_is_another_file(folder, world):
    """By seed and by sizes."""
    assert world_cache.find(world) != world_cache.find(make(SIZES))
    assert len(list(folder.iterdir())) == 2


def test_other_code_is_another_file(monkeypatch):
    """What lays a world out is part of its name."""
    before = world_cache.find(make(SIZES))
    monkeypatch.setattr(lazy_world, "_code", lambda _: "another")

    assert world_cache.find(make(SIZES)) != before


def test_small_worlds_and_old_states_stay_off_the_shelf(folder, tmp_path):
    """A file that is there already is left as it is."""
    old = tmp_path / "old.sqlite"
    sqlite3.connect(old).execute("CREATE TABLE mine (a)").connection.close()
    before = old.read_bytes()

    assert not world_cache.put(make("default"), f"sqlite:///{tmp_path}/new.sqlite")
    assert not world_cache.put(make(SIZES), f"sqlite:///{old}")
    assert old.read_bytes() == before
    assert not folder.exists()


def test_a_named_world_is_made_once_for_all(tmp_path):
    """The second start has the same rows, and nobody has made the world for it."""
    stores = []
    for number, maker in enumerate((make, never)):
        world = named_world("default", 42, make=maker)
        assert world_cache.put(world, f"sqlite:///{tmp_path}/{number}.sqlite")
        stores.append(Store(f"sqlite:///{tmp_path}/{number}.sqlite"))
        Baseline(stores[-1], world).settle(is_loaded=True)
    plain = Store(f"sqlite:///{tmp_path}/plain.sqlite")
    Baseline(plain, make("default", 42)).settle()

    assert rows_of(stores[0]) == rows_of(stores[1]) == rows_of(plain)
    assert "made" not in vars(world)
    for store in (*stores, plain):
        store.close()


def test_a_named_world_is_made_for_a_state_that_is_no_file():
    """Its rows are there for whoever asks."""
    world_cache.find(named_world("empty", 1))
    world = named_world("empty", 1)

    assert list(world.users) == list(make("empty", 1).users)
    assert list(world.copies) == list(make("empty", 1).copies)


def test_a_world_that_is_not_there_is_refused_at_once():
    """Before anything is begun."""
    with pytest.raises(FixturesError, match="nowhere"):
        named_world("nowhere", 1)


def test_only_the_last_few_stay(folder):
    """Worlds of many sizes do not fill the disk."""
    files = [world_cache.find(make(SIZES, seed)) for seed in range(5)]

    assert sorted(folder.iterdir()) == sorted(files[2:])


def test_a_shelf_that_cannot_be_written(folder, tmp_path, monkeypatch):
    """The world is built in its own place."""
    folder.parents[1].write_text("a file where the folder should be")
    url = f"sqlite:///{tmp_path}/state.sqlite"

    assert world_cache.put(make(SIZES), url)
    store = Store(url)
    assert state_dump.counts(store.reading()) == (60, 9, 900)
    store.close()


def test_reset_to_a_world_of_the_shelf(folder, tmp_path):
    """The state goes back to it, and what is on the shelf never changes."""
    app = create_app(world=make(SIZES), clock=lambda: 1_800_000_000)
    (kept,) = folder.iterdir()
    before, start = kept.read_bytes(), rows_of(inside(app).store)
    body = {"receiver": next(iter(make(SIZES).groups)).guid, "receiverType": "group"}
    sender = next(iter(make(SIZES).groups)).members[0]
    headers = {"apikey": "mock-api-key", "onBehalfOf": sender}
    client = app.test_client()
    sent = client.post("/v3/messages", headers=headers, json=body | {"data": {"text": "Hi"}})
    changed = rows_of(inside(app).store)
    client.post("/_mock/reset")

    assert sent.status_code == 200
    assert changed != start
    assert rows_of(inside(app).store) == start
    assert kept.read_bytes() == before
    inside(app).close()


def test_a_file_of_another_layout_is_not_used(monkeypatch):
    """A large world is restored from its file, so that the file must have all that is counted."""
    usual = lazy_world.place_of("large", 42, maker=lazy_world.Path(__file__).parent, kind="large")
    monkeypatch.setattr(
        lazy_world, "_LAYOUT", [name for name in lazy_world._LAYOUT if name != "copy_counts"]
    )
    lazy_world._code.cache_clear()

    other = lazy_world.place_of("large", 42, maker=lazy_world.Path(__file__).parent, kind="large")
    lazy_world._code.cache_clear()

    assert usual is not None
    assert usual != other


@pytest.mark.parametrize("name", ["users=2,messages=0", "日本", "\udcff", "\ud800"])
def test_any_name_has_a_place_whatever_the_locale(monkeypatch, name):
    """What is typed is decoded with escapes; the file system may encode in Latin-1."""
    monkeypatch.setattr("os.fsencode", lambda text: text.encode("latin-1"))
    maker = lazy_world.Path(__file__).parent

    assert lazy_world.place_of(name, 42, maker=maker, kind="named") is not None
