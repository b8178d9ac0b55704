"""The vendor's SDK, installed where Node and npm can have it; nothing of it is kept here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.serving.thread_server import LiveServer
from support.served import COMMAND
from support.served import served as served_by_command

PACKAGE = "@cometchat/chat-sdk-javascript@4.2.0"
HERE = Path(__file__).parent
RUN_WITHIN_S = 240
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the SDK is installed; skips where it cannot be."""
    if not os.environ.get("REQUIRE_SDK"):
        pytest.skip("the vendor's SDK is only installed by tox -e sdk (or with REQUIRE_SDK=1)")
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on the PATH")
    folder = tmp_path_factory.mktemp("sdk")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr[-300:]}")
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
    """The results of all checks against `mockserver serve --tls --dialect live`."""
    data = tmp_path_factory.mktemp("data")
    environment = os.environ | {"XDG_DATA_HOME": str(data)}
    with served_by_command("--tls", "--dialect", "live", environment=environment) as url:
        path = subprocess.run(
            [*COMMAND, "ca", "--path"], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        return _run(sdk, url, environment | {"NODE_EXTRA_CA_CERTS": path})


def _run(sdk: Path, url: str, environment: dict[str, str] | None = None) -> Results:
    command = ["node", str(HERE / "run_checks.mjs"), str(sdk), url, "mock-api-key", "auth-only"]
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
def names() -> Iterator[list[str]]:
    """The names of all checks, as they stand in the script."""
    text = (HERE / "checks.mjs").read_text("utf-8").partition("export const CHECKS")[2]
    lines = text.splitlines()
    yield [line.split('"')[1] for line in lines if line.startswith('  "') and '": async' in line]
