"""The bundled mock in a drill: its list of faults, and a running mock under control."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from duologue.contracts.drill.errors import MockRefused
from duologue.contracts.http.target import Target
from duologue.contracts.run.bundled_mock import bundled_mock

LIST_COMMAND = (sys.executable, "-P", "-m", "duologue.mockserver", "faults", "--format", "json")
SNAPSHOT = "drill-start"  # the state that every fault begins with
WORLD = "empty"  # only test data of the drill, so that listing the whole app is short
TIMEOUT_S = 10.0
END_WITHIN_S = 0.2  # of a process whose connections are closed


@dataclass(frozen=True, slots=True)
class FaultInfo:
    """One fault of the mock, the clause that it breaks, and those that must not be held.

    One that `is_slow` delays requests: only its own clause is run under it.
    """

    name: str
    clause: str
    text: str
    unseen: tuple[str, ...] = ()
    is_slow: bool = False


def faults() -> tuple[FaultInfo, ...]:
    """Return all faults of the bundled mock; raise MockRefused if it cannot list them."""
    listed = subprocess.run(  # noqa: S603 - our own module, by this interpreter
        LIST_COMMAND, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise MockRefused("'mockserver faults'", listed.stderr.strip())
    return tuple(
        FaultInfo(**{**row, "unseen": tuple(row["unseen"])}) for row in json.loads(listed.stdout)
    )


@dataclass(slots=True)
class DrivenMock:
    """A running mock with a frozen clock, which is advanced on demand."""

    target: Target
    _pool: urllib3.PoolManager
    _pending_s: float = 0.0

    def reset(self) -> None:
        """Reset the mock to its start, and freeze its clock."""
        self._ask("POST", "/reset")
        self.stop_clock()

    def save_state(self) -> None:
        """Save the present state as the start of each fault."""
        self._ask("POST", "/snapshots", {"name": SNAPSHOT})

    def begin(self, faults: Sequence[str] = ()) -> None:
        """Restore the saved state, with these faults and no others."""
        self._ask("POST", f"/snapshots/{SNAPSHOT}/restore")
        self._ask("PUT", "/faults", {"faults": list(faults)})
        self._pending_s = 0.0

    def stop_clock(self) -> None:
        """Freeze the clock."""
        self._ask("PUT", "/clock", {"mode": "frozen"})

    def sleep(self, seconds: float) -> None:
        """Advance the mock's clock at once: by whole seconds, fractions are added up."""
        self._pending_s += seconds
        whole_s = int(self._pending_s)
        if whole_s:
            self._pending_s -= whole_s
            self._ask("POST", "/clock/advance", {"seconds": whole_s})

    def _ask(self, method: str, path: str, body: Any = None) -> None:
        url = self.target.url.removesuffix("/v3") + "/_mock" + path
        try:
            answer = self._pool.request(method, url, json=body or {})
        except urllib3.exceptions.HTTPError:
            time.sleep(END_WITHIN_S)
            self.target.check_running()
            raise
        if answer.status != 200:
            raise MockRefused(f"{method} /_mock{path}", answer.data.decode())


@contextmanager
def running() -> Iterator[DrivenMock]:
    """Run a mock in a process of its own until the block ends."""
    options = ("--world", WORLD)
    with bundled_mock(seed=0, timeout_s=TIMEOUT_S, settle_s=0.0, options=options) as target:
        mock = DrivenMock(target, urllib3.PoolManager(timeout=urllib3.Timeout(TIMEOUT_S)))
        mock.stop_clock()
        yield mock
