"""Run the suite on a server of which some answers are changed at random; count its own defects.

    python -m benchmarks.odd_answers --runs 20 [--share 0.1] [--through-proxy]

Prints a line for each run: its exit code, and how many clauses came to which verdict. Exit code 1
if a run ended with a traceback, or told a defect of the suite: whatever a target answers, the
verdict is on the target. With `--through-proxy` the requests go through `contracts proxy`, too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.support.options import at_least_one, share
from support.independent.app import App
from support.independent.server import serving
from support.servers.gateway import Gateway
from support.servers.odd_answers import altered

KEY = "odd-answers-key"
REPORTS = "html,junit,markdown,sarif,github"
COMMAND = (sys.executable, "-m", "duologue.contracts")
ENVIRONMENT = {**os.environ, "CONTRACTS_API_KEY": KEY}
WITHIN_S = 300
FINE = (0, 1)  # held, or broken: a verdict on the target


def admit_every_key(*_: object) -> None:
    """Admit it."""


def judged(url: str, folder: Path) -> tuple[int, str]:
    """Return the exit code of a run, and what it printed."""
    words = ["run", "--target", url, "--output", folder, "--report", REPORTS, "--settle", "0.5"]
    done = subprocess.run(
        [*COMMAND, *words, "--max-examples", "5", "--allow-leftovers"],
        capture_output=True,
        text=True,
        errors="replace",
        env=ENVIRONMENT,
        timeout=WITHIN_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def proxy(url: str, folder: Path, ended: list[tuple[int, str]]) -> Iterator[str]:
    """Yield the address of a `contracts proxy` before a target; add how it ended."""
    words = ["proxy", "--target", url, "--port", "0", "--output", folder, "--report", REPORTS]
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield (process.stdout.readline() if process.stdout else "").split()[0]
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=WITHIN_S)
        ended.append((process.returncode, said))


def verdicts(folder: Path) -> str:
    """Return how many clauses of a run came to which verdict."""
    summary = json.loads((folder / "results.json").read_text(encoding="utf-8"))["summary"]
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.items())


def main() -> int:
    """Run, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=at_least_one, default=20)
    parser.add_argument("--share", type=share, default=0.1, help="of the answers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--through-proxy", action="store_true")
    args = parser.parse_args()
    defects = 0
    for seed in range(args.seed, args.seed + args.runs):
        ended: list[tuple[int, str]] = []
        app = App(overrides={"check_key": admit_every_key})
        with tempfile.TemporaryDirectory() as place, serving(app) as upstream:
            folder = Path(place)
            with Gateway(upstream, altered(args.share, seed)).serving() as url:
                if args.through_proxy:
                    with proxy(url, folder / "proxy", ended) as before:
                        ended.append(judged(before, folder / "run"))
                else:
                    ended.append(judged(url, folder / "run"))
            told = verdicts(folder / "run")
        wrong = [said for code, said in ended if code not in FINE or "Traceback" in said]
        print(f"seed {seed}: exit code {[code for code, _ in ended]}, {told}", flush=True)
        for said in wrong:
            print(said[-3000:], file=sys.stderr)
        defects += bool(wrong)
    print(f"{args.runs} runs, {defects} with a defect of the suite")
    return int(defects > 0)


if __name__ == "__main__":
    sys.exit(main())
