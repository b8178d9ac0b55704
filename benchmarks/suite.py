"""The cost of the suite on the bundled mock: ``python -m benchmarks.suite``.

``contracts run`` with the mock, several times in turn: only the clauses that generate nothing, and
everything with generated requests and the state machine. With ``--base DIR``, a checkout of an
older commit, each run follows one of that tree; a ratio is the median of the ratios within a round.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.support.figures import median, publish, shown, table, tell
from benchmarks.support.options import at_least_one, checkout
from benchmarks.support.processes import ROOT, Program, interruptible, started

WITHIN_S = 1800.0
KINDS = ("clauses alone", "everything")
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


@dataclass(frozen=True)
class Tree:
    """A checkout: how its suite is started."""

    folder: Path
    package: str
    environment: Mapping[str, str]

    def words(self, *options: str) -> list[str]:
        """Return the command line of its suite."""
        return [sys.executable, "-m", self.package, *options]


HERE = Tree(ROOT, "duologue.contracts", {})


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    trees = {"now": HERE} if options.base is None else {"base": _older(options.base), "now": HERE}
    kinds = {
        (kind, name): (tree, words)
        for kind in KINDS
        for name, tree in trees.items()
        for words in [_words(tree, kind)]
    }
    passes: dict[tuple[str, str], list[Pass]] = {each: [] for each in kinds}
    with interruptible():
        for number in range(options.rounds):
            tell(f"round {number + 1} of {options.rounds}")
            for each, (tree, words) in kinds.items():
                passes[each].append(_pass(tree, [*words, *options.options]))
    document = {
        "rounds": options.rounds,
        "runs": {
            f"{kind}, {name}": [one._asdict() for one in many]
            for (kind, name), many in passes.items()
        },
    }
    publish("Suite", document, tables=_table(passes), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.suite", description=__doc__)
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--base", type=checkout, metavar="DIR", help="an older checkout")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    parser.add_argument("options", nargs="*", help="more options for contracts run, after --")
    return parser.parse_args()


def _older(folder: Path) -> Tree:
    """Return an older checkout, whose packages may stand at the top level."""
    folder = folder.resolve()
    package = "duologue.contracts" if (folder / "duologue").is_dir() else "contracts"
    return Tree(folder, package, {"PYTHONPATH": str(folder)})


def _words(tree: Tree, kind: str) -> Sequence[str]:
    """Return the arguments of a run of one kind."""
    if kind == "everything":
        return ()
    listing = subprocess.run(
        tree.words("list"),
        cwd=tree.folder,
        env={**os.environ, **tree.environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    ids = [
        line.split()[0] for line in listing.splitlines() if re.match(r"[a-z-]+\.[a-z0-9-]+ ", line)
    ]
    return [word for id in ids if not id.startswith(GENERATED) for word in ("--only", id)]


def _pass(tree: Tree, options: Sequence[str]) -> Pass:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        words = tree.words("run", "--output", folder, *options)
        program = Program("contracts run", words, tree.folder, tree.environment)
        before, cpu = time.perf_counter(), _cpu_of_children()
        with started(program) as run:
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


def _table(passes: Mapping[tuple[str, str], Sequence[Pass]]) -> str:
    head = ["Run", "wall s", "of it the run", "CPU s", "requests", "clauses", "exit codes"]
    lines = [_line(f"{kind}, {name}", many) for (kind, name), many in passes.items()]
    lines += [
        _ratios(kind, passes[kind, "base"], passes[kind, "now"])
        for kind in KINDS
        if (kind, "base") in passes
    ]
    return table(head, lines)


def _ratios(kind: str, base: Sequence[Pass], now: Sequence[Pass]) -> list[str]:
    pairs = list(zip(base, now, strict=True))
    measured = (
        median(ours.wall_s / theirs.wall_s for theirs, ours in pairs),
        median(ours.run_s / theirs.run_s for theirs, ours in pairs),
        median(ours.cpu_s / theirs.cpu_s for theirs, ours in pairs),
        median(ours.requests / theirs.requests for theirs, ours in pairs),
        median(ours.clauses / theirs.clauses for theirs, ours in pairs),
    )
    return [f"{kind}, now / base", *(shown(each, 2) for each in measured), ""]


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
