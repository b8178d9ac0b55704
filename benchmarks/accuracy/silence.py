"""False alarms: the suite on the healthy mock in fifty worlds and on all variants.

    python -m benchmarks.accuracy.silence [--seeds 50] [--variants] [--max-examples 20]

Each run is a complete one from the command line over HTTP: all clauses, all phases of generation,
the state machine. A seed is that of the world and of the generated requests. Clauses that do not
hold are printed at once; the last line counts them. The exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.support.options import at_least_one
from duologue.contracts.run.bundled_mock import bundled_mock

RUN = (sys.executable, "-m", "duologue.contracts", "run")
ROOT = Path(__file__).parents[2]
SLOW = ("--workers", "32", "--max-time", "900")


def main() -> int:
    """Run the worlds, with ``--variants`` the variants too, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=at_least_one, default=50)
    parser.add_argument("--variants", action="store_true", help="each variant once, at seed 42")
    parser.add_argument("--max-examples", default="20")
    arguments = parser.parse_args()
    not_silent, runs, started = 0, 0, time.monotonic()
    cases: list[tuple[str, int, tuple[str, ...]]] = [
        (f"seed {seed}", seed, ()) for seed in range(arguments.seeds)
    ]
    if arguments.variants:
        cases += [(name, 42, ("--variant", name)) for name in variants()]
    for name, seed, options in cases:
        complaints, seconds = judged(seed, options, max_examples=arguments.max_examples)
        runs, not_silent = runs + 1, not_silent + bool(complaints)
        print(
            f"{name:32} {seconds:6.1f} s  {'silent' if not complaints else '; '.join(complaints)}",
            flush=True,
        )
    print(f"{runs - not_silent} of {runs} runs silent in {time.monotonic() - started:.0f} s")
    return int(not_silent > 0)


def variants() -> list[str]:
    """Return the names of all variants."""
    command = (sys.executable, "-m", "duologue.mockserver", "variants", "--format", "json")
    listing = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return [row["name"] for row in json.loads(listing.stdout)]


def judged(seed: int, options: tuple[str, ...], *, max_examples: str) -> tuple[list[str], float]:
    """Return what does not hold on a mock with these options, and the duration of the run."""
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        bundled_mock(seed=seed, timeout_s=30, settle_s=5, options=options) as target,
    ):
        done = subprocess.run(
            [*RUN, "--target", target.url, "--seed", str(seed), "--output", folder,
             "--timeout", "30", "--max-examples", max_examples,
             *(SLOW if "slow" in options else ())],
            env={"CONTRACTS_API_KEY": target.api_key,
                 "CONTRACTS_AUTH_ONLY_KEY": target.auth_only_key or "",
                 "PATH": str(Path(sys.executable).parent)},
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        complaints = not_held(Path(folder) / "results.json")
    if done.returncode and not complaints:
        complaints = [f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}"]
    return complaints, time.monotonic() - started


def not_held(results: Path) -> list[str]:
    """Return the clauses of a results.json that do not hold, with their first finding."""
    if not results.exists():
        return []
    document = json.loads(results.read_text(encoding="utf-8"))
    complaints = [
        f"{clause['id']} {clause['verdict']} {_first(clause)}"
        for clause in document["clauses"]
        if clause["verdict"] != "held"
    ]
    return complaints + [f"left behind: {each}" for each in document["left_behind"]]


def _first(clause: dict[str, object]) -> str:
    findings = clause["findings"]
    first = findings[0] if isinstance(findings, list) and findings else clause["why"]
    return json.dumps(first, ensure_ascii=False)[:300]


if __name__ == "__main__":
    sys.exit(main())
