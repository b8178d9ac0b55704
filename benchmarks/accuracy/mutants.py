"""A third judge: which single-point mutants of a server does the suite not find?

    python -m benchmarks.accuracy.mutants [--of independent|mock] [--sample N] [--seed N]
        [--without N:SEED]

A mutant changes one comparison, constant, statement or argument of the independent server, or of
the mock's rules. Each runs in a process of its own, in which the clauses that generate nothing
judge it without a socket and without waiting. Survivors are printed, for a person to say why: no
document decides it (openapi/READINGS.md, Tolerance), nobody can see it, or a clause is missing.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from benchmarks.accuracy.mutations import Mutant, mutants, mutated
from benchmarks.support.options import none_or_more

ROOT = Path(__file__).parents[2]
LIMIT_S = 600  # of the server without a change; a mutant has some times what that took
TIMES = 4
# Imported once, before a process for each mutant begins: none of these imports what is changed.
SHARED = ("duologue.contracts.clauses", "duologue.contracts.session", "sqlalchemy", "flask")
MODULES = {
    "independent": (
        "support.independent.model",
        "support.independent.bodies",
        "support.independent.request",
        "support.independent.http",
        "support.independent.app",
    ),
    "mock": (
        "duologue.mockserver.domain.rules",
        "duologue.mockserver.domain.ids",
        "duologue.mockserver.usecases.conversations",
        "duologue.mockserver.usecases.effects",
        "duologue.mockserver.store.marks",
    ),
}
KILLED, SURVIVED, BROKEN_AT_START, OUT_OF_TIME = 1, 0, 2, 3
WORDS = {
    KILLED: "killed",
    SURVIVED: "survived",
    BROKEN_AT_START: "does not start",
    OUT_OF_TIME: "out of time",
}


class Case(NamedTuple):
    """One mutant of one module."""

    module: str
    mutant: Mutant


def main() -> None:
    """Judge the mutants that the options name, and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--of", choices=tuple(MODULES), default="independent")
    parser.add_argument("--sample", type=none_or_more, default=0, help="so many, 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--without",
        action="append",
        type=_sample_and_seed,
        default=[],
        metavar="N:SEED",
        help="leave out what a sample of N with this seed holds; repeatable",
    )
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    for name in SHARED:
        importlib.import_module(name)
    known = {case for sample, seed in options.without for case in _cases(options.of, sample, seed)}
    cases = [case for case in _cases(options.of, options.sample, options.seed) if case not in known]
    started = time.monotonic()
    if (status := _verdict_of(options.of, None, limit_s=LIMIT_S)) != SURVIVED:
        raise SystemExit(f"the server without a change is not silent: {WORDS[status]}")
    limit_s = 10 + TIMES * math.ceil(time.monotonic() - started)
    counts: Counter[str] = Counter()
    started = time.monotonic()
    for module, mutant in cases:
        status = _verdict_of(options.of, Case(module, mutant), limit_s=limit_s)
        counts[WORDS[status]] += 1
        if status == SURVIVED:
            print(f"{module.rpartition('.')[2]}.py:{mutant.line}: {mutant.change}", flush=True)
    told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    print(f"{len(cases)} mutants: {told}; {time.monotonic() - started:.0f} s")


def _sample_and_seed(text: str) -> tuple[int, int]:
    sample, colon, seed = text.partition(":")
    if not (colon and sample.isascii() and sample.isdigit() and seed.isascii() and seed.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} must be a sample's size and seed, such as 100:1")
    return int(sample), int(seed)


def _cases(server: str, sample: int, seed: int) -> list[Case]:
    found = [
        Case(module, mutant) for module in MODULES[server] for mutant in mutants(_source(module))
    ]
    if 0 < sample < len(found):
        chosen = random.Random(seed).sample(range(len(found)), sample)
        return [found[place] for place in sorted(chosen)]
    return found


def _path(module: str) -> Path:
    relative = module.removeprefix("duologue.").replace(".", "/") + ".py"
    return ROOT / ("tests" if module.startswith("support.") else "") / relative


def _source(module: str) -> str:
    return _path(module).read_text(encoding="utf-8")


def _verdict_of(server: str, case: Case | None, *, limit_s: int) -> int:
    """Return how a mutant fares, or the server as it is, in a process of its own."""
    child = os.fork()
    if child == 0:
        _be_judged(server, case, limit_s=limit_s)
    _, status = os.waitpid(child, 0)
    return OUT_OF_TIME if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _be_judged(server: str, case: Case | None, *, limit_s: int) -> None:
    """Judge one server, and end this process with the verdict."""
    signal.alarm(limit_s)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        if case is not None:
            tree = mutated(_source(case.module), case.mutant.number)
            sys.meta_path.insert(0, _Replaced(case.module, tree))
        judge = importlib.import_module(f"benchmarks.accuracy.judged_{server}").is_silent
    except Exception:
        os._exit(BROKEN_AT_START)
    try:
        is_silent = judge()
    except Exception:  # the preflight, or a defect that the mutant lays open: it was seen
        is_silent = False
    os._exit(SURVIVED if is_silent else KILLED)


class _Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a tree in place of its file."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec of ours for the module, None for others."""
        del path, target
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, _path(name), loader=self)  # type: ignore[arg-type]

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self.tree, str(_path(self.name)), "exec"), module.__dict__)


if __name__ == "__main__":
    main()
