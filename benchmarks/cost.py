"""Cost of each operation beside another tree: ``python -m benchmarks.cost --base DIR``.

DIR is a checkout of an older commit. Each round runs the same calls in both trees, each in a
process of its own, without server or socket; a ratio is the median of the ratios within a round.
No answer comes from the cache of answers. A figure is the lower tenth of the CPU microseconds of
the calls: other load on the machine can only add to it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.support.figures import publish, shown, table
from benchmarks.support.options import at_least_one, checkout
from benchmarks.support.processes import ROOT

WORKER = Path(__file__).parent / "support" / "cost_worker.py"
Took = dict[str, float]


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    rounds = [
        (_round(options.base, options.calls), _round(None, options.calls))
        for _ in range(options.rounds)
    ]
    rows = [_row(name, rounds) for name in rounds[0][0]]
    document = {"calls": options.calls, "rounds": [list(each) for each in rounds]}
    head = ["CPU µs a request", "base", "now", "ratio"]
    publish("Cost", document, tables=table(head, rows), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.cost", description=__doc__)
    parser.add_argument(
        "--base", type=checkout, required=True, metavar="DIR", help="an older checkout"
    )
    parser.add_argument(
        "--calls", type=at_least_one, default=100, help="of each operation, in each round"
    )
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _round(tree: Path | None, calls: int) -> Took:
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)
    if tree is not None:
        environment["PYTHONPATH"] = str(tree.resolve())
    # -P: the folder of the script is no place to import from. In an older tree `duologue` is taken
    # away, since this checkout may be installed in the same environment.
    code = _START if tree is None else _HIDE + _START
    command = [sys.executable, "-P", "-c", code, str(calls)]
    done = subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{tree or ROOT} failed: {done.stderr[-2000:]}")
    took: Took = json.loads(done.stdout)
    return took


_HIDE = "import sys; sys.modules['duologue'] = None\n"
_START = f"import runpy; runpy.run_path({str(WORKER)!r}, run_name='__main__')"


def _row(name: str, rounds: list[tuple[Took, Took]]) -> list[str]:
    ratio = statistics.median(now[name] / base[name] for base, now in rounds)
    sides = (statistics.median(each[side][name] for each in rounds) for side in (0, 1))
    return [name, *(shown(us) for us in sides), shown(ratio, 2)]


if __name__ == "__main__":
    main()
