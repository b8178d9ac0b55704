"""The vendor's SDK, installed where Node and npm can have it; nothing of it is kept here."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.serving.thread_server import LiveServer
from support.clients.npm import INSTALL, npm
from support.servers.served import COMMAND
from support.servers.served import served as served_by_command

PACKAGE = "@cometchat/chat-sdk-javascript@4.2.0"
HERE = Path(__file__).parent
RUN_WITHIN_S = 240
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the SDK is installed; skips unless it was asked for."""
    if not os.environ.get("REQUIRE_SDK"):
        pytest.skip("the vendor's SDK is only installed by tox -e sdk (or with REQUIRE_SDK=1)")
    folder = tmp_path_factory.mktemp("sdk")
    npm(*INSTALL, PACKAGE, folder=folder, asked_by="REQUIRE_SDK")
    return folder


@pytest.fixture(scope="session")
def run_checks(sdk: Path) -> Callable[[str], Results]:
    """Runs all checks against a new mock of a dialect; gives the result of each by its name."""
    known: dict[str, Results] = {}

    def run(dialect: str) -> Results:
        if dialect not in known:
            with served(dialect) as url:
                known[dialect] = _run(sdk, url)
        return known[dialect]

    return run


class served:  # noqa: N801  used as a context manager, like contextlib.closing
    """A mock of a dialect in the world `default`, as long as the block runs."""

    def __init__(self, dialect: str) -> None:
        self._app = create_app(world=make("default"), behaviours=behaviours_of(dialect))
        self._server = LiveServer(self._app)

    def __enter__(self) -> str:
        self._server.start()
        return self._server.url

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        inside(self._app).close()


@pytest.fixture(scope="session")
def https_results(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of all checks against `mockserver serve --tls --no-socket --dialect live`."""
    with served_over_tls(tmp_path_factory, "--no-socket", "--dialect", "live") as (url, trusting):
        return _run(sdk, url, trusting)


@pytest.fixture(scope="session")
def socket_results(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of all checks of the socket."""
    with served_over_tls(tmp_path_factory) as (url, trusting):
        return _run(sdk, url, trusting, script="run_socket_checks.mjs")


@pytest.fixture
def inbox_over_tls(
    sdk: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """A mock that speaks https, in the world `inbox`, as `served_over_tls` yields it."""
    del sdk  # skips where the SDK is not asked for
    with served_over_tls(tmp_path_factory, "--world", "inbox") as served_here:
        yield served_here


@contextmanager
def served_over_tls(
    folders: pytest.TempPathFactory, *options: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the address of a mock that speaks https, and an environment in which Node trusts it."""
    environment = os.environ | {"XDG_DATA_HOME": str(folders.mktemp("data"))}
    with served_by_command("--tls", *options, environment=environment) as url:
        path = subprocess.run(
            [*COMMAND, "ca", "--path"], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        yield url, environment | {"NODE_EXTRA_CA_CERTS": path}


def _run(
    sdk: Path, url: str, environment: dict[str, str] | None = None, script: str = "run_checks.mjs"
) -> Results:
    # Node 20 has a WebSocket, as browsers have it, behind this flag; later versions ignore it.
    node = ["node", "--experimental-websocket"]
    command = [*node, str(HERE / script), str(sdk), url, "mock-api-key", "auth-only"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=RUN_WITHIN_S,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return {one["name"]: one for one in json.loads(done.stdout)}


@pytest.fixture
def names() -> list[str]:
    """The names of all checks, as they stand in the script."""
    return _names_in("checks.mjs")


@pytest.fixture
def socket_names() -> list[str]:
    """The names of all checks of the socket, as they stand in the script."""
    return _names_in("socket_checks.mjs")


def _names_in(script: str) -> list[str]:
    text = (HERE / script).read_text("utf-8").partition("export const CHECKS")[2]
    lines = text.splitlines()
    return [line.split('"')[1] for line in lines if line.startswith('  "') and '": async' in line]
