"""Mocks as people run them: by the command line (granian), or in this process (waitress)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from duologue.mockserver.testing import Mock, at, running
from support.waiting import WITHIN_S

COMMAND = (sys.executable, "-P", "-m", "duologue.mockserver")
SERVE = (*COMMAND, "serve", "--port", "0", "--times", "fixed")


@contextmanager
def served(*options: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a mock that the command line serves."""
    process = subprocess.Popen(
        [*SERVE, *options, "--print-url", "json"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(WITHIN_S)
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def mock_of(server: str) -> Iterator[Mock]:
    """Yield a mock of this server, waitress or granian."""
    if server == "waitress":
        with running() as mock:
            yield mock
    else:
        with served() as url, at(url) as mock:
            yield mock
