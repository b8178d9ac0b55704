"""Send many odd requests to the app in this process; count failures and measure memory.

    python -m benchmarks.odd_requests --requests 200000 --seconds 600

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
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.store import canonical_dump
from support.odd_requests import ask, odd_request, reads

MOST_GROWTH_BYTES = 50 * 2**20
READ_EVERY = 200
RESET_EVERY = 2_000  # so that the state stays small, and what is read stays the same work
WARM = 2_000  # requests until caches and the journal are full


def rss_bytes() -> int:
    """Return the resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def main() -> int:
    """Run, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable()
    random, app = Random(args.seed), create_app(world=examples(42))
    conn = inside(app).store.reading()
    found: Counter[str] = Counter()
    start_bytes, until = 0, time.monotonic() + args.seconds
    done = 0
    while done < args.requests and time.monotonic() < until:
        if done % RESET_EVERY == 0:
            app.test_client().post("/_mock/reset")
        before = canonical_dump.take(conn) if done % 20 == 0 else None
        odd = odd_request(random)
        answer = ask(app, odd)
        fault = answer.fault()
        if fault is not None:
            kind = "5xx" if answer.status >= 500 else "outside the envelope"
            if not found[kind]:
                print(kind, odd, fault, file=sys.stderr)
            found[kind] += 1
        if (
            before
            and answer.status >= 400
            and canonical_dump.differences(before, canonical_dump.take(conn))
        ):
            print("changed by", odd, file=sys.stderr)
            found["state changed by a refusal"] += 1
        done += 1
        found["refused" if answer.status >= 400 else "accepted"] += 1
        if done % READ_EVERY == 0:
            for one in reads():
                wrong = ask(app, one).fault()
                if wrong is not None:
                    print("read failed", one, wrong, "after", odd, file=sys.stderr)
                    found["reads failed"] += 1
        if done == WARM:
            start_bytes = rss_bytes()
    growth = rss_bytes() - start_bytes if start_bytes else 0
    names = ("5xx", "outside the envelope", "state changed by a refusal", "reads failed")
    bad = {name: found[name] for name in names}
    print(f"{done} requests ({found['accepted']} accepted), {bad}, memory +{growth / 2**20:.1f} MB")
    return int(any(bad.values()) or growth > MOST_GROWTH_BYTES)


if __name__ == "__main__":
    sys.exit(main())
