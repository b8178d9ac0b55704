"""Pairs of faults at once: is each still found, beside another one?

    python -m benchmarks.accuracy.pairs [--count 60] [--seed 1]

Each pair of the mock's faults is on at the same time, and the clauses that generate nothing judge
the mock in this process, without a socket and without waiting. A fault of a pair is named where its
own clause is broken, or follows from a broken clause (``because.root``) or a call that failed. The
own clauses and the 15 of the operations are played first, all others where that names not both.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from benchmarks.accuracy.judged_mock import run_on_mock  # noqa: E402 - of the tests' folder
from benchmarks.support.options import at_least_one  # noqa: E402
from duologue.contracts.clause import Clause  # noqa: E402
from duologue.contracts.errors import ContractsError  # noqa: E402
from duologue.contracts.run.results import Run, Verdict  # noqa: E402
from duologue.mockserver.faults import FAULTS, Fault  # noqa: E402
from support.fakes import without_generated  # noqa: E402


class Found(NamedTuple):
    """What a run made of a pair: whether it is red, and the faults that it does not name."""

    is_red: bool
    unnamed: tuple[str, ...]


def main() -> int:
    """Judge the pairs; return 1 if a run is green or names not both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=at_least_one, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    clauses, started, wrong = without_generated(), time.monotonic(), 0
    for one, other in _pairs(clauses, options.count, options.seed):
        found = _judged((one, other), clauses)
        wrong += not found.is_red or bool(found.unnamed)
        verdict = "named" if not found.unnamed else f"not named: {', '.join(found.unnamed)}"
        colour = "red" if found.is_red else "GREEN"
        print(f"{one.name} + {other.name}: {colour}, {verdict}", flush=True)
    seconds = time.monotonic() - started
    print(f"{options.count - wrong} of {options.count} pairs red and named; {seconds:.0f} s")
    return int(wrong > 0)


def _pairs(clauses: list[Clause], count: int, seed: int) -> list[tuple[Fault, Fault]]:
    """Return pairs of faults whose clauses are played here."""
    played = {clause.id for clause in clauses}
    faults = [fault for fault in FAULTS.values() if fault.clause in played]
    draw = random.Random(seed)
    pairs = []
    while len(pairs) < count:
        one, other = draw.sample(faults, 2)
        if one.clause != other.clause:
            pairs.append((one, other))
    return pairs


def _judged(pair: tuple[Fault, Fault], clauses: list[Clause]) -> Found:
    own = {fault.clause for fault in pair}
    first = [each for each in clauses if each.id in own or each.id.startswith("operations.")]
    found = _on_mock(pair, first)
    return _on_mock(pair, clauses) if found.unnamed or not found.is_red else found


def _on_mock(pair: tuple[Fault, Fault], clauses: list[Clause]) -> Found:
    try:
        run = run_on_mock(tuple(fault.name for fault in pair), clauses)
    except ContractsError as cause:  # the run cannot be made, and says which call is the root
        print(f"  {cause}")
        return Found(True, ())
    unnamed = tuple(fault.name for fault in pair if not _names(run, fault))
    return Found(run.exit_code != 0, unnamed)


def _names(run: Run, fault: Fault) -> bool:
    (result,) = (each for each in run.results if each.clause.id == fault.clause)
    follows = result.because is not None
    return result.verdict is Verdict.BROKEN or follows


if __name__ == "__main__":
    sys.exit(main())
