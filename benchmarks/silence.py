"""Silence: the suite on the healthy mock in fifty worlds, and on every variant of it.

    python benchmarks/silence.py [--seeds 50] [--variants] [--max-examples 20]

Each run is a whole one: all clauses by hand, all phases of generation, the walks, by the command
line and over the wire. A seed is the world's and that of all that is drawn. What is not held is
told as it comes; the last line counts. Exit code 1 where anything rang.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from duologue.contracts.run.bundled_mock import bundled_mock

RUN = (sys.executable, "-m", "duologue.contracts", "run")
ROOT = Path(__file__).parents[1]
SLOW = ("--workers", "32", "--max-time", "20")


def main() -> int:
    """Runs what is asked for; 1 where anything rang."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seeds", type=int, default=50)
    words.add_argument("--variants", action="store_true", help="each variant once, at seed 42")
    words.add_argument("--max-examples", default="20")
    asked = words.parse_args()
    rang, runs, started = 0, 0, time.monotonic()
    cases: list[tuple[str, int, tuple[str, ...]]] = [
        (f"seed {seed}", seed, ()) for seed in range(asked.seeds)
    ]
    if asked.variants:
        cases += [(name, 42, ("--variant", name)) for name in variants()]
    for name, seed, options in cases:
        told, seconds = judged(seed, options, max_examples=asked.max_examples)
        runs, rang = runs + 1, rang + bool(told)
        print(
            f"{name:32} {seconds:6.1f} s  {'silent' if not told else '; '.join(told)}", flush=True
        )
    print(f"{runs - rang} of {runs} runs silent in {time.monotonic() - started:.0f} s")
    return int(rang > 0)


def variants() -> list[str]:
    """The names of all variants."""
    command = (sys.executable, "-m", "duologue.mockserver", "variants", "--format", "json")
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return [row["name"] for row in json.loads(told.stdout)]


def judged(seed: int, options: tuple[str, ...], *, max_examples: str) -> tuple[list[str], float]:
    """What does not hold on a mock with these options, in words, and how long the run took."""
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
        told = not_held(Path(folder) / "results.json")
    if done.returncode and not told:
        told = [f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}"]
    return told, time.monotonic() - started


def not_held(results: Path) -> list[str]:
    """The clauses of a results.json that do not hold, with what they first found."""
    if not results.exists():
        return []
    document = json.loads(results.read_text(encoding="utf-8"))
    told = [
        f"{clause['id']} {clause['verdict']} {_first(clause)}"
        for clause in document["clauses"]
        if clause["verdict"] != "held"
    ]
    return told + [f"left behind: {each}" for each in document["left_behind"]]


def _first(clause: dict[str, object]) -> str:
    findings = clause["findings"]
    first = findings[0] if isinstance(findings, list) and findings else clause["why"]
    return json.dumps(first, ensure_ascii=False)[:300]


if __name__ == "__main__":
    sys.exit(main())
