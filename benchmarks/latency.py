"""Latency and requests a second with many clients: ``python -m benchmarks.latency``.

64 connections ask at once: the mock and flask-floor, each with one and with two worker processes,
Prism with static examples, and json-server. All run at the same time and get requests in turn. wrk
takes a part of the same cores, so two workers cannot reach twice the requests where there are two
cores: the share that wrk and the server's processes had of the machine is shown. What flask-floor
gains by a second worker is the limit of this machine for such a measurement: it shares no state.
Whether two workers would gain more, with cores to spare, follows from the requests answered in one
second of the server's CPU time: where they are as many with two workers as with one, neither costs
the other anything.

``--core-share 0.4`` lets each process of the mock and of flask-floor use so much of a core, so that
two workers and wrk fit on two cores: what a second worker gives where there is a core for it. The
other servers are left out then.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rivals.listed import Rival, floor, named
from benchmarks.rivals.npm import Absent
from benchmarks.support import ours, wrk
from benchmarks.support.calls import Address, is_answered
from benchmarks.support.core_shares import NoGroups, core_shares
from benchmarks.support.figures import median, publish, ratio, shown, table, tell
from benchmarks.support.options import at_least_one, seconds, share
from benchmarks.support.processes import Program, Running, free_port, interruptible, started, tree
from benchmarks.support.questions import WORLD, questions

ONE, TWO = "ours, 1 worker", "ours, 2 workers"
FLOOR_ONE, FLOOR_TWO = "flask-floor, 1 worker", "flask-floor, 2 workers"
ALONE = {TWO: ONE, FLOOR_TWO: FLOOR_ONE}  # the lane that one with two workers is compared with
BESIDE = ("prism", "json-server")


@dataclass
class Lane:
    """A server, what it is asked, and its rounds: the tally and the CPU seconds of wrk."""

    name: str
    server: Running
    address: Address
    loads: dict[str, wrk.Load]
    rounds: dict[str, list[tuple[wrk.Tally, float]]] = field(default_factory=dict)

    def ask(self, question: str, *, seconds: float, clients: int) -> None:
        """Run one round; mark it by its complaint if an answer was not as expected."""
        before = _children_cpu_s()
        tally = wrk.drive(
            self.server,
            self.address,
            self.loads[question],
            seconds=seconds,
            connections=clients,
        )
        if tally.complaint:
            raise SystemExit(f"{self.name}, {question}: {tally.complaint}")
        self.rounds.setdefault(question, []).append((tally, _children_cpu_s() - before))


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    if not wrk.is_installed():
        raise SystemExit("benchmarks.latency: wrk is not installed (apt-get install wrk)")
    names = [question.name for question in questions()]
    with (
        interruptible(),
        tempfile.TemporaryDirectory(prefix="benchmark-") as files,  # removed after the servers end
        ExitStack() as stack,
    ):
        try:
            lanes = _lanes(stack, Path(files), share=options.core_share)
        except NoGroups as cause:
            raise SystemExit(f"benchmarks.latency: {cause}") from cause
        for number in range(options.rounds + 1):  # the first one warms up
            tell(f"round {number} of {options.rounds}")
            for name in names:
                for lane in lanes:
                    lane.ask(name, seconds=options.seconds, clients=options.clients)
                    if number == 0:
                        lane.rounds.clear()
    rows = [_row(lane, name, lanes) for name in names for lane in lanes]
    document = {
        "clients": options.clients,
        "rounds": options.rounds,
        "core_share": options.core_share,
        "rows": rows,
    }
    head = [
        f"{options.clients} clients",
        *("server", "p50, ms", "p99, ms", "p99 / p50", "requests a second"),
        *("2 workers / 1", "CPU µs a request", "requests a CPU second, 2 workers / 1"),
        *("server's cores", "wrk's cores"),
    ]
    held = f", {options.core_share} of a core for each worker" if options.core_share else ""
    publish(f"Latency{held}", document, tables=table(head, rows), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.latency", description=__doc__)
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--seconds", type=seconds, default=3, help="of each question in a round")
    parser.add_argument("--clients", type=at_least_one, default=64)
    parser.add_argument("--core-share", type=share, help="of each worker, by control groups (root)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _lanes(stack: ExitStack, files: Path, *, share: float | None) -> list[Lane]:
    lanes = []
    shares = None if share is None else stack.enter_context(core_shares(share))
    mine = named(["ours"])[0]
    for name, workers in ((ONE, "1"), (TWO, "2")):
        port = free_port()
        program = ours.program(port, world=WORLD, options=("--workers", workers), name=name)
        lanes.append(_up(stack, name, program, mine.address(port), rival=mine))
    beside = {rival.name: rival for rival in named(BESIDE)} if shares is None else {}
    for name, rival in {FLOOR_ONE: floor(1), FLOOR_TWO: floor(2), **beside}.items():
        port, folder = free_port(), files / name
        folder.mkdir()
        try:
            program = rival.start(port, folder)
        except Absent as cause:
            tell(f"{name} is left out: {cause}")
            continue
        lanes.append(_up(stack, name, program, rival.address(port), rival=rival))
    if shares is not None:
        shares.hold(pid for lane in lanes for pid in tree(lane.server.pid))
    return lanes


def _up(stack: ExitStack, name: str, program: Program, address: Address, *, rival: Rival) -> Lane:
    server = stack.enter_context(started(program))
    server.wait_until(lambda: is_answered(address, rival.ready), within_s=60)
    loads = {
        question.name: wrk.Load(question.calls, expected.needle, expected.times)
        for question in questions()
        for expected in (rival.expected[question.name],)
    }
    return Lane(name, server, address, loads)


def _row(lane: Lane, question: str, lanes: Sequence[Lane]) -> list[str]:
    rounds = lane.rounds[question]
    name = ALONE.get(lane.name, lane.name)
    one = next(other for other in lanes if other.name == name).rounds[question]
    pairs = [(mine, theirs) for (mine, _), (theirs, _) in zip(rounds, one, strict=True)]
    gain = median(mine.per_s / theirs.per_s for mine, theirs in pairs)
    gain_of_cpu = median(theirs.cpu_us / mine.cpu_us for mine, theirs in pairs)
    return [
        question,
        lane.name,
        shown(median(each.median_ms for each, _ in rounds), 2),
        shown(median(each.p99_ms for each, _ in rounds), 2),
        shown(median(ratio(each.p99_ms, each.median_ms) or 0 for each, _ in rounds), 1),
        shown(median(each.per_s for each, _ in rounds)),
        shown(gain, 2) if lane.name in ALONE else "-",
        shown(median(each.cpu_us for each, _ in rounds)),
        shown(gain_of_cpu, 2) if lane.name in ALONE else "-",
        shown(median(each.cpu_s / each.duration_s for each, _ in rounds), 2),
        shown(median(cpu_s / each.duration_s for each, cpu_s in rounds), 2),
    ]


def _children_cpu_s() -> float:
    """Return the CPU seconds of ended child processes: of wrk, since the servers still run."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
