"""A state's format has a number; other formats are refused with what helps, and left alone."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.schema import CreateTable

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store import backends, schema, state_format, world_cache
from duologue.mockserver.store.store import Store

# The digest of the tables of each format. A change of the tables raises FORMAT and adds a row.
DIGESTS = {1: "fef00a9861661027"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.sqlite"


def number(file) -> int:
    with closing(sqlite3.connect(file)) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


def change(file, *statements: str) -> bytes:
    """Run statements on a closed state; return the bytes of the file."""
    with closing(sqlite3.connect(file)) as database:
        for statement in statements:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.read_bytes()


def test_the_number_is_raised_with_every_change_of_the_tables():
    tables = "".join(str(CreateTable(table)) for table in schema.metadata.sorted_tables)

    digest = hashlib.sha256(" ".join(tables.split()).encode()).hexdigest()[:16]

    assert DIGESTS.get(state_format.FORMAT) == digest, "raise FORMAT, then add its digest here"
    assert max(DIGESTS) == state_format.FORMAT


def test_a_new_state_has_the_number(file):
    Store(f"sqlite:///{file}").close()

    assert number(file) == state_format.FORMAT


def test_a_world_of_the_cache_has_the_number(file):
    world_cache.build(examples(42), file)

    assert number(file) == state_format.FORMAT


def test_the_number_outlasts_a_reset(file):
    app = create_app(world=examples(42), state_url=f"sqlite:///{file}")

    app.test_client().post("/_mock/reset")

    inside(app).close()
    assert number(file) == state_format.FORMAT


def test_an_older_state_with_the_same_tables_is_numbered(file):
    """What it held is there, and what was not yet kept in it is made."""
    app = create_app(world=examples(42), state_url=f"sqlite:///{file}")
    app.test_client().delete(
        "/v3/users/eve", headers={"apikey": "mock-api-key"}, json={"permanent": True}
    )
    inside(app).close()
    change(file, "PRAGMA user_version = 0", "DROP TABLE bans")

    app = create_app(world=examples(42), state_url=f"sqlite:///{file}")

    found = app.test_client().get("/v3/users/eve", headers={"apikey": "mock-api-key"})
    inside(app).close()
    assert (found.status_code, number(file)) == (404, state_format.FORMAT)


@pytest.mark.parametrize("change_", ["DROP COLUMN avatar", "ADD COLUMN hue TEXT"])
def test_a_state_of_other_tables(file, change_):
    """Refused with what helps, and unchanged."""
    Store(f"sqlite:///{file}").close()
    before = change(file, f"ALTER TABLE users {change_}", "PRAGMA user_version = 0")

    with pytest.raises(StateUnusable, match=r"another version of duologue.*--world FILE"):
        Store(f"sqlite:///{file}")

    assert file.read_bytes() == before


def test_a_newer_state(file):
    Store(f"sqlite:///{file}").close()
    before = change(file, f"PRAGMA user_version = {state_format.FORMAT + 1}")

    with pytest.raises(StateUnusable, match=r"newer version.*pip install --upgrade duologue"):
        Store(f"sqlite:///{file}")

    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_on_postgresql(postgres):
    """The number is the comment of a table; a newer one is refused there, too."""
    url = postgres.empty(91)
    newer = (
        f"COMMENT ON TABLE origin IS 'state of a duologue mock, format {state_format.FORMAT + 1}'"
    )
    Store(url).close()

    postgres.run(newer, url=url)

    with pytest.raises(StateUnusable, match=r"newer version"):
        Store(url)
    postgres.run("COMMENT ON TABLE origin IS NULL", url=url)
    Store(url).close()
    found = postgres.ask("SELECT obj_description('origin'::regclass)", url=url)
    assert found == f"state of a duologue mock, format {state_format.FORMAT}"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_is_refused(postgres, encoding):
    """With the statement that makes one that can; a request met the missing letter before."""
    name = f"in_{encoding.lower()}"
    postgres.run(
        f"DROP DATABASE IF EXISTS {name}",
        f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0",
    )
    url = postgres.url.replace("/postgres?", f"/{name}?")

    with pytest.raises(StateUnusable, match=f"{encoding}.* ENCODING 'UTF8' TEMPLATE template0"):
        Store(url)

    made = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.ask(made, url=url) == 0


POOLERS = {"of sessions": ((7, 8, 7), True), "of transactions": ((7, 7, 8), False)}


@pytest.mark.parametrize("pooler", POOLERS)
def test_a_pooler_has_to_keep_the_session_of_a_client(postgres, monkeypatch, pooler):
    """Another client got the session of a transaction's end: each request was 500 or 503.

    What a pooler says to two clients, in their order, as PgBouncer 1.18 did.
    """
    said, is_taken = POOLERS[pooler]
    url, numbers = postgres.empty(88), iter(said)
    monkeypatch.setattr(backends, "_session", lambda _: next(numbers))

    if is_taken:
        Store(url).close()
    else:
        with pytest.raises(StateUnusable, match=r"pool_mode = session in PgBouncer"):
            Store(url)

    assert [*numbers] == []


def test_a_start_makes_one_connection(postgres):
    """A role may be allowed one, and PostgreSQL counts a closed one until its process has ended."""
    made = []

    def count(*_):
        made.append(1)

    event.listen(Engine, "connect", count)
    try:
        Store(postgres.empty(88)).close()
    finally:
        event.remove(Engine, "connect", count)

    assert len(made) == 1


def test_without_a_pooler_one_question_is_enough(postgres, monkeypatch):
    url, usual, asked = postgres.empty(88), backends._session, []
    monkeypatch.setattr(backends, "_session", lambda conn: asked.append(1) or usual(conn))

    Store(url).close()

    assert len(asked) == 1
