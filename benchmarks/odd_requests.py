"""Send many odd requests to the app in this process; count failures and measure memory.

    python -m benchmarks.odd_requests --requests 200000 --seconds 600
    python -m benchmarks.odd_requests --requests 20000 --engine postgresql

Prints one line of figures. Exit code 1 if any answer was 5xx or outside the envelope, a refusal
changed the state, a read failed, or memory grew by 50 MB.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.load import state_for
from benchmarks.support.options import at_least_one, seconds
from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.store import canonical_dump
from support.odd_requests import OddAnswer, OddRequest, ask, odd_control, odd_request, reads

MOST_GROWTH_BYTES = 50 * 2**20
READ_EVERY = 200
RESET_EVERY = 400  # so that the state stays small, and what is read stays the same work
WATCH_EVERY = 10  # whether a refusal changes the state
CONTROL_SHARE = 0.1  # of the requests, to the control plane
MOST_SHOWN = 3  # of each kind of fault
BAD = ("5xx", "outside the envelope", "state changed by a refusal", "reads failed")
WARM = 2_000  # requests until caches and the journal are full


def rss_bytes() -> int:
    """Return the resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


class OddRun:
    """The requests sent so far, what was found, and the app that answers them."""

    def __init__(self, seed: int, *, state_url: str | None = None) -> None:
        self.found: Counter[str] = Counter()
        self.done = 0
        self._random = Random(seed)
        self._app = create_app(world=examples(42), state_url=state_url)
        self._conn = inside(self._app).store.reading()

    def step(self) -> None:
        """Send one request and judge its answer; read everything from time to time."""
        if self.done % RESET_EVERY == 0:
            self._reset()
        is_watched = self.done % WATCH_EVERY == 0
        before = canonical_dump.take(self._conn) if is_watched else None
        is_control = self._random.random() < CONTROL_SHARE
        odd = (odd_control if is_control else odd_request)(self._random)
        answer = ask(self._app, odd)
        self._judge(odd, answer)
        if before and answer.status >= 400:
            changed = canonical_dump.differences(before, canonical_dump.take(self._conn))
            if changed:
                self._note("state changed by a refusal", odd, changed)
        if is_control and odd.method != "GET" and answer.status < 400:
            self._reset()  # it may have switched on faults, failures and delays
        self.done += 1
        if self.done % READ_EVERY == 0:
            for one in reads():
                wrong = ask(self._app, one).fault()
                if wrong is not None:
                    self._note("reads failed", one, wrong)

    def _judge(self, odd: OddRequest, answer: OddAnswer) -> None:
        self.found["refused" if answer.status >= 400 else "accepted"] += 1
        fault = answer.fault()
        if fault is not None:
            kind = "5xx" if answer.status >= 500 else "outside the envelope"
            self._note(kind, odd, fault)

    def _note(self, kind: str, odd: OddRequest, what: object) -> None:
        self.found[kind] += 1
        if self.found[kind] <= MOST_SHOWN:
            print(kind, odd, what, file=sys.stderr)

    def _reset(self) -> None:
        ask(self._app, OddRequest("POST", "/_mock/reset", "", {}, b""))


def main() -> int:
    """Run, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=at_least_one, default=200_000)
    parser.add_argument("--seconds", type=seconds, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    args = parser.parse_args()
    logging.disable()
    with nullcontext() if args.engine == "sqlite" else state_for(args.engine) as state_url:
        return _run(OddRun(args.seed, state_url=state_url), args)


def _run(run: OddRun, args: argparse.Namespace) -> int:
    start_bytes, until = 0, time.monotonic() + args.seconds
    while run.done < args.requests and time.monotonic() < until:
        run.step()
        if run.done == WARM:
            start_bytes = rss_bytes()
    growth = rss_bytes() - start_bytes if start_bytes else 0
    bad = {name: run.found[name] for name in BAD}
    accepted = run.found["accepted"]
    print(
        f"{args.engine}, seed {args.seed}: {run.done} requests ({accepted} accepted), {bad},"
        f" memory {growth / 2**20:+.1f} MB",
        flush=True,
    )
    return int(any(bad.values()) or growth > MOST_GROWTH_BYTES)


if __name__ == "__main__":
    sys.exit(main())
