"""The start time of a large world: ``python -m benchmarks.worlds``.

100,000 users and 1,000,000 messages, from the launch of the mock to its first answer: with an
empty cache of worlds (the world is created and loaded), and with the cache of the launch before.
A launch with the default world in the same round is the baseline.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.support import ours
from benchmarks.support.calls import is_answered
from benchmarks.support.figures import median, publish, shown, table, tell
from benchmarks.support.options import at_least_one
from benchmarks.support.processes import Program, free_port, interruptible, started
from duologue.fixtures import worlds

WORLD = "users=100000,messages=1000000"
WITHIN_S = 1800.0
MIB = 1 << 20


class Launch(NamedTuple):
    """One launch of the mock."""

    first_answer_s: float
    cpu_s: float
    rss_bytes: int


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    launches: dict[str, list[Launch]] = defaultdict(list)
    rows: list[float] = []
    with interruptible():
        for number in range(options.rounds):
            tell(f"round {number + 1} of {options.rounds}")
            rows.append(_walk(options.world))
            for name, launch in _round(options.world, state=options.state).items():
                launches[name].append(launch)
    document = {
        "world": options.world,
        "rounds": options.rounds,
        "rows_made_s": rows,
        "launches": {name: [one._asdict() for one in many] for name, many in launches.items()},
    }
    publish("Worlds", document, tables=_tables(rows, launches), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.worlds", description=__doc__)
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--world", default=WORLD, metavar="SIZES", help="default: %(default)s")
    parser.add_argument("--state", action="store_true", help="into a file that is kept, on disk")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _walk(spec: str) -> float:
    """Return the seconds to create all rows of a world in memory."""
    before = time.perf_counter()
    world = worlds.make(spec, ours.SEED)
    for rows in (world.users, world.groups, world.messages, world.copies):
        for _ in rows:
            pass
    return time.perf_counter() - before


def _round(spec: str, *, state: bool) -> dict[str, Launch]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        cache = Path(folder) / "cache"
        # The first launch, with the default world, fills the cache of the document.
        return {
            "default world, first launch": _launch("default", cache),
            "default world": _launch("default", cache),
            "large world, made": _launch(spec, cache, Path(folder) / "made" if state else None),
            "large world, again": _launch(spec, cache, Path(folder) / "again" if state else None),
        }


def _launch(spec: str, cache: Path, state: Path | None = None) -> Launch:
    port = free_port()
    program = ours.program(port, world=spec, options=["--state", str(state)] if state else [])
    program = Program(program.name, program.words, environment={"XDG_CACHE_HOME": str(cache)})
    before = time.perf_counter()
    with started(program) as server:
        address = ours.address(port)
        server.wait_until(lambda: is_answered(address, ours.READY), within_s=WITHIN_S)
        return Launch(time.perf_counter() - before, server.cpu_s(), server.rss_bytes())


def _tables(rows: Sequence[float], launches: Mapping[str, Sequence[Launch]]) -> str:
    head = ["Launch to first answer", "s", "CPU s", "MiB afterwards"]
    lines = [
        [
            name,
            shown(median(launch.first_answer_s for launch in many), 2),
            shown(median(launch.cpu_s for launch in many), 2),
            shown((median(launch.rss_bytes for launch in many) or 0) / MIB),
        ]
        for name, many in launches.items()
    ]
    made = shown(median(rows), 2)
    return f"{table(head, lines)}\n\nMaking the large world's rows alone: {made} s."


if __name__ == "__main__":
    main()
