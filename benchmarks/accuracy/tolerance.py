"""False alarms without sockets: the suite on each variant of the mock at many seeds.

    python -m benchmarks.accuracy.tolerance [--seeds 20] [--from 0]

Judges with the clauses that generate nothing, by a clock that nobody waits for; the variants whose
matter is real time are left to `benchmarks.accuracy.silence`. A seed is that of the world and of
what the run chooses. Prints each clause that does not hold and all that is left behind; the exit
code is 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from benchmarks.support.options import at_least_one, none_or_more
from duologue.contracts.run.results import Run
from duologue.mockserver.variants import VARIANTS
from support.servers.variant_runs import IN_REAL_TIME, run_on_variants


def main() -> int:
    """Judge each variant at each seed, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=at_least_one, default=20, help="how many")
    parser.add_argument(
        "--from", type=none_or_more, default=0, dest="first", help="the first of them"
    )
    arguments = parser.parse_args()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    runs, not_silent, started = 0, 0, time.monotonic()
    for name in sorted(VARIANTS.keys() - IN_REAL_TIME):
        for seed in seeds:
            complaints = complaints_of(run_on_variants([name], seed=seed))
            runs, not_silent = runs + 1, not_silent + bool(complaints)
            for complaint in complaints:
                print(f"{name} at seed {seed}: {complaint}", flush=True)
        print(f"{name:32} {time.monotonic() - started:6.0f} s", flush=True)
    print(f"{runs - not_silent} of {runs} runs silent in {time.monotonic() - started:.0f} s")
    return int(not_silent > 0)


def complaints_of(run: Run) -> list[str]:
    """Return the clauses of a run that do not hold, and what it left."""
    return [
        f"{result.clause.id} {result.verdict.value} {result.why} {result.findings}"
        for result in run.results
        if result.verdict.value != "held"
    ] + [f"left behind: {each}" for each in run.left_behind]


if __name__ == "__main__":
    sys.exit(main())
