"""Detected faults and false alarms of two tools: ``python -m benchmarks.accuracy.detection``.

The mock has one fault at a time and is tested by ``contracts run`` and by plain ``st run``
(Schemathesis' own command line with the document and the key alone; the check ``use_after_free`` is
off, since it takes the DELETE that marks as unread for a deletion). The mock holds the world of the
document's examples, so that ``st`` has ids that exist. Both also test healthy mocks at several
seeds: what they report there is a false alarm.

A fault is found if the exit code is 1; for the suite the table also shows how often the fault's
own clause was among the broken ones.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.support import ours
from benchmarks.support.calls import KEY, Address
from benchmarks.support.figures import median, publish, shown, table, tell
from benchmarks.support.options import none_or_more
from benchmarks.support.processes import ROOT, Program, free_port, interruptible, started
from duologue import openapi

WITHIN_S = 1800.0
SAMPLE = 24
SEEDS = 5
FOUND = 1  # the exit code of both tools
FAULTS = (sys.executable, "-m", "duologue.mockserver", "faults")


class Fault(NamedTuple):
    """A fault of the mock, and the clause it breaks."""

    name: str
    clause: str


class Verdict(NamedTuple):
    """The result of one tool on one server."""

    exit_code: int
    seconds: float
    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One server tested by both tools; without a fault it is healthy, at a seed."""

    fault: Fault | None
    seed: int
    suite: Verdict
    plain: Verdict


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    with interruptible():
        known = _faults()
        chosen = _chosen(known, options.fault, options.sample)
        measurements = [_measured(None, seed) for seed in range(1, options.seeds + 1)]
        measurements += [_measured(fault, 1) for fault in chosen]
    document = {
        "faults_known": len(known),
        "trials": [
            {
                "fault": measurement.fault.name if measurement.fault else None,
                "clause": measurement.fault.clause if measurement.fault else None,
                "seed": measurement.seed,
                "contracts run": measurement.suite._asdict(),
                "st run": measurement.plain._asdict(),
            }
            for measurement in measurements
        ],
    }
    publish("Detection", document, tables=_tables(measurements, len(known)), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.accuracy.detection", description=__doc__)
    parser.add_argument("--fault", nargs="*", default=[], metavar="NAME", help="only these faults")
    parser.add_argument(
        "--sample", type=none_or_more, default=SAMPLE, help="number of faults, 0 for all"
    )
    parser.add_argument(
        "--seeds", type=none_or_more, default=SEEDS, help="number of healthy servers"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _faults() -> list[Fault]:
    """Return all faults of the mock; exit if this mock has none."""
    done = subprocess.run(FAULTS, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise SystemExit(f"skipped: this mock lists no faults ({said})")
    columns = [line.split() for line in done.stdout.splitlines()]
    clauses = {"." in words[1] for words in columns if len(words) > 1}
    if not columns or clauses != {True}:
        raise SystemExit(f"skipped: not a list of names and clauses: {done.stdout[:200]!r}")
    return [Fault(words[0], words[1]) for words in columns if len(words) > 1]


def _chosen(known: Sequence[Fault], names: Sequence[str], sample: int) -> list[Fault]:
    """Return the named faults, or the sample size spread evenly over the list."""
    if names:
        by_name = {fault.name: fault for fault in known}
        if unknown := [name for name in names if name not in by_name]:
            raise SystemExit(f"no such fault: {', '.join(unknown)}; mockserver faults lists them")
        return [by_name[name] for name in names]
    if not 0 < sample < len(known):
        return list(known)
    return [known[place * len(known) // sample] for place in range(sample)]


def _measured(fault: Fault | None, seed: int) -> Measurement:
    """Test a new server with each tool, so that neither sees data of the other."""
    options = ["--fault", fault.name] if fault else []
    verdicts = []
    for judge in (_suite, _plain):
        port = free_port()
        with started(ours.program(port, world="examples", options=options)) as server:
            address = ours.address(port)
            # Faults may break any answer, so any answer shows that it is up.
            server.wait_until(lambda at=address: _is_up(at))  # type: ignore[misc]
            verdicts.append(judge(address.url, seed))
    suite, plain = verdicts
    name = fault.name if fault else f"healthy, seed {seed}"
    tell(f"{name}: contracts {suite.exit_code} {suite.seconds:.1f} s, st {plain.exit_code}")
    return Measurement(fault, seed, suite, plain)


def _is_up(address: Address) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex((address.host, address.port)) == 0


def _suite(url: str, seed: int) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        words = [sys.executable, "-m", "duologue.contracts", "run", "--target", url]
        words += ["--seed", str(seed), "--output", folder]
        environment = {"CONTRACTS_API_KEY": KEY}
        verdict = _run(Program("contracts run", words, environment=environment))
        try:
            results = json.loads((Path(folder) / "results.json").read_text())
        except OSError:
            return verdict
        broken = [each["id"] for each in results["clauses"] if each["verdict"] == "broken"]
        return verdict._replace(broken=tuple(broken))


def _plain(url: str, seed: int) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        # Its own folder: the tool reads settings from it and its parents, and writes a cache.
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(openapi.load()))
        words = [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", url]
        words += ["--header", f"apikey: {KEY}", "--seed", str(seed)]
        words += ["--exclude-checks", "use_after_free", "--no-color"]
        return _run(Program("st run", words, folder=Path(folder)))


def _run(program: Program) -> Verdict:
    before = time.perf_counter()
    with started(program) as run:
        code = run.process.wait(WITHIN_S)
    return Verdict(code, time.perf_counter() - before)


def _tables(measurements: Sequence[Measurement], known: int) -> str:
    healthy = [measurement for measurement in measurements if measurement.fault is None]
    broken = [measurement for measurement in measurements if measurement.fault is not None]
    own = sum(
        measurement.fault.clause in measurement.suite.broken
        for measurement in broken
        if measurement.fault
    )
    head = ["", "contracts run", "st run"]
    rows = [
        [f"found, of {len(broken)} faults (of {known})", *_counts(broken)],
        ["of them by the fault's own clause", str(own), "cannot say"],
        [f"false alarms, of {len(healthy)} healthy servers", *_counts(healthy)],
        ["seconds on a broken server (median)", *_seconds(broken)],
        ["seconds on a healthy server (median)", *_seconds(healthy)],
    ]
    each = table(
        ["fault", "clause", "contracts run", "st run"],
        [[t.fault.name, t.fault.clause, _word(t.suite), _word(t.plain)] for t in broken if t.fault],
    )
    return f"{table(head, rows)}\n\n{each}"


def _counts(measurements: Sequence[Measurement]) -> list[str]:
    return [
        str(sum(measurement.suite.exit_code == FOUND for measurement in measurements)),
        str(sum(measurement.plain.exit_code == FOUND for measurement in measurements)),
    ]


def _seconds(measurements: Sequence[Measurement]) -> list[str]:
    return [
        shown(median(measurement.suite.seconds for measurement in measurements), 1),
        shown(median(measurement.plain.seconds for measurement in measurements), 1),
    ]


def _word(verdict: Verdict) -> str:
    words = {0: "missed", FOUND: "found"}
    return words.get(verdict.exit_code, f"no verdict (exit {verdict.exit_code})")


if __name__ == "__main__":
    main()
