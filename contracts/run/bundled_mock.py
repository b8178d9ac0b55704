"""The bundled mock as a target: started as a subprocess by its command line, and stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from duologue.contracts.errors import MockNotStarted
from duologue.contracts.http.target import Target

KEY = "mock-api-key"  # the mock's public default, no secret
AUTH_ONLY_KEY = "auth-only"
STOP_WITHIN_S = 5
COMMAND = (
    sys.executable,
    "-P",
    "-m",
    "duologue.mockserver",
    "serve",
    "--port",
    "0",
    "--print-url",
    "json",
    "--times",
    "fixed",
    "--until-eof",  # else a run that is killed leaves it behind
)


@contextmanager
def bundled_mock(
    *, seed: int, timeout_s: float, settle_s: float, options: Sequence[str] = ()
) -> Iterator[Target]:
    """Yield the mock as a target, on a free port of this machine, for as long as the block lasts.

    ``options`` are further words of its command line. Raises MockNotStarted with what it said.
    """
    words = [*COMMAND, "--seed", str(seed), "--api-key", KEY, "--api-key", AUTH_ONLY_KEY, *options]
    # A group of its own: Ctrl-C reaches the run, which still needs the mock to clean up.
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    try:
        yield Target(
            _url(process),
            KEY,
            auth_only_key=AUTH_ONLY_KEY,
            timeout_s=timeout_s,
            settle_s=settle_s,
            shows_receipts=True,
        )
    finally:
        _stop(process)


def _url(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError) as cause:
        process.terminate()
        said = (process.communicate(timeout=STOP_WITHIN_S)[1] or line).strip()
        raise MockNotStarted(said.splitlines()[-1] if said else "") from cause


def _stop(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=STOP_WITHIN_S)  # closes its standard input: it stops
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
