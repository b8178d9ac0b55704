"""The cost of the suite on the bundled mock: ``python -m benchmarks.suite``.

``contracts run`` with the mock, several times in turn: only the clauses that generate nothing, and
everything with generated requests and the state machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import median, publish, shown, table, tell
from benchmarks.processes import ROOT, Program, interruptible, started

WITHIN_S = 1800.0
GENERATED = ("document.", "walk.")
"""Prefixes of the ids of clauses that generate their requests."""


class Pass(NamedTuple):
    """One run of the suite."""

    wall_s: float
    run_s: float  # as the run reports it: without the start of the mock and of Python
    cpu_s: float
    requests: int
    clauses: int
    exit_code: int


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    kinds = _kinds()
    passes: dict[str, list[Pass]] = {name: [] for name in kinds}
    with interruptible():
        for number in range(options.rounds):
            tell(f"round {number + 1} of {options.rounds}")
            for name, words in kinds.items():
                passes[name].append(_pass([*words, *options.options]))
    document = {
        "rounds": options.rounds,
        "runs": {name: [one._asdict() for one in many] for name, many in passes.items()},
    }
    publish("Suite", document, tables=_table(passes), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.suite", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    parser.add_argument("options", nargs="*", help="more options for contracts run, after --")
    return parser.parse_args()


def _kinds() -> dict[str, Sequence[str]]:
    """Return the runs to compare, with their arguments by name."""
    words = [sys.executable, "-m", "duologue.contracts", "list"]
    listing = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ids = [
        line.split()[0] for line in listing.splitlines() if re.match(r"[a-z-]+\.[a-z0-9-]+ ", line)
    ]
    alone = [word for id in ids if not id.startswith(GENERATED) for word in ("--only", id)]
    return {"clauses alone": alone, "everything": ()}


def _pass(options: Sequence[str]) -> Pass:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        words = [sys.executable, "-m", "duologue.contracts", "run", "--output", folder, *options]
        before, cpu = time.perf_counter(), _cpu_of_children()
        with started(Program("contracts run", words)) as run:
            code = run.process.wait(WITHIN_S)
            said = run.said()
        wall_s, cpu_s = time.perf_counter() - before, _cpu_of_children() - cpu
        results = Path(folder) / "results.json"
        if not results.exists():
            raise SystemExit(f"contracts run ended with {code} and no results: {said}")
        return _read(json.loads(results.read_text()), wall_s=wall_s, cpu_s=cpu_s, code=code)


def _cpu_of_children() -> float:
    """Return CPU seconds of all ended children, with those of the mock."""
    times = os.times()
    return times.children_user + times.children_system


def _read(document: Mapping[str, Any], *, wall_s: float, cpu_s: float, code: int) -> Pass:
    requests = sum(operation["requests"] for operation in document["operations"].values())
    run_s = document["duration_s"]
    return Pass(wall_s, run_s, cpu_s, requests, len(document["clauses"]), code)


def _table(passes: Mapping[str, Sequence[Pass]]) -> str:
    head = ["Run", "wall s", "of it the run", "CPU s", "requests", "clauses", "exit codes"]
    return table(head, [_line(name, many) for name, many in passes.items()])


def _line(name: str, many: Sequence[Pass]) -> list[str]:
    codes = ", ".join(str(code) for code in sorted({one.exit_code for one in many}))
    return [
        name,
        shown(median(one.wall_s for one in many), 2),
        shown(median(one.run_s for one in many), 2),
        shown(median(one.cpu_s for one in many), 2),
        shown(median(one.requests for one in many)),
        shown(median(one.clauses for one in many)),
        codes,
    ]


if __name__ == "__main__":
    main()
