"""The bundled mock as a target: started as a subprocess by its command line, and stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from duologue.contracts.errors import MockEnded, MockNotStarted
from duologue.contracts.http.target import Target
from duologue.contracts.wording import how_it_ended

KEY = "mock-api-key"  # the mock's public default, no secret
AUTH_ONLY_KEY = "auth-only"
START_WITHIN_S = 60
STOP_WITHIN_S = 5
END_WITHIN_S = 1
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

    ``options`` are further words of its command line. Raises MockNotStarted with what it said; the
    target's ``check_running`` raises MockEnded.
    """
    words = [*COMMAND, "--seed", str(seed), "--api-key", KEY, "--api-key", AUTH_ONLY_KEY, *options]
    with _Process(words) as process:
        yield Target(
            process.url(),
            KEY,
            auth_only_key=AUTH_ONLY_KEY,
            timeout_s=timeout_s,
            settle_s=settle_s,
            shows_receipts=True,
            check_running=process.check_running,
        )


class _Process:
    """The mock's process; it ends with the block."""

    def __init__(self, words: Sequence[str]) -> None:
        # A group of its own: Ctrl-C reaches the run, which still needs the mock to clean up.
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._input, self._output, self._errors = filter(None, streams)
        self._last_lines: deque[str] = deque(maxlen=1)
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def __enter__(self) -> _Process:
        return self

    def url(self) -> str:
        """Return the address that it prints once it answers; raise MockNotStarted."""
        patience = threading.Timer(START_WITHIN_S, self._process.kill)
        patience.daemon = True
        patience.start()
        try:
            return str(json.loads(self._output.readline())["url"])
        except (ValueError, KeyError) as cause:
            is_late = patience.finished.is_set()
            raise MockNotStarted(self._why_not_started(is_late=is_late)) from cause
        finally:
            patience.cancel()

    def _why_not_started(self, *, is_late: bool) -> str:
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(END_WITHIN_S)  # where it has ended, its output ended first
        self._process.kill()
        self._reader.join()
        if is_late:
            return f"it did not answer within {START_WITHIN_S} s"
        ended = f"it {how_it_ended(code)}" if code is not None else ""
        return self._last_words() or ended

    def check_running(self) -> None:
        """Raise MockEnded if it no longer runs."""
        code = self._process.poll()
        if code is not None:
            self._reader.join()
            raise MockEnded(how_it_ended(code), self._last_words())

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._input.close()  # it stops
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._output.close()

    def _read_errors(self) -> None:
        with self._errors as lines:
            said = (line.strip() for line in lines)
            # Rust's notes on its backtraces come after what happened.
            self._last_lines.extend(each for each in said if each and not each.startswith("note:"))

    def _last_words(self) -> str:
        return "".join(self._last_lines)
