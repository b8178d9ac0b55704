"""CPU time a request, compared with other servers: ``python -m benchmarks.peers``.

All servers run at the same time with the same document and get requests in turn, round after
round, so that other load affects all of them. The result is the ratio to Prism within a round;
microseconds depend on the machine. A figure covers the server's whole process tree, and counts only
if every answer of the round was the expected one; otherwise the row is marked invalid.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks.rivals.listed import Rival, all_rivals, named
from benchmarks.rivals.npm import Absent
from benchmarks.support import wrk
from benchmarks.support.calls import Line, is_answered
from benchmarks.support.figures import ABSENT, median, publish, ratio, shown, table, tell
from benchmarks.support.options import at_least_one, none_or_more, seconds
from benchmarks.support.processes import NotStarted, free_port, interruptible, started
from benchmarks.support.questions import Question, questions
from benchmarks.support.race import Lane, against, race

BASE = "prism"  # with static examples
SETTLED_S = 1.0
MIB = 1 << 20


@dataclass
class Row:
    """All measurements of one server."""

    rival: Rival
    first_answer_s: list[float] = field(default_factory=list)
    start_cpu_s: list[float] = field(default_factory=list)
    idle_bytes: list[int] = field(default_factory=list)
    lane: Lane | None = None
    skipped: str = ""

    @property
    def complaint(self) -> str:
        """Return why its figures are invalid; empty if they are valid."""
        return self.lane.complaints[0] if self.lane and self.lane.complaints else ""

    def as_dict(self, base: Row | None) -> dict[str, Any]:
        """Return all measurements as JSON values."""
        return {
            "name": self.rival.name,
            "note": self.rival.note,
            "keeps_state": self.rival.keeps_state,
            "skipped": self.skipped,
            "invalid": self.complaint,
            "first_answer_s": median(self.first_answer_s),
            "start_cpu_s": median(self.start_cpu_s),
            "idle_mib": _mib(median(self.idle_bytes)),
            "requests": {question.name: self._request(question, base) for question in questions()},
        }

    def _request(self, question: Question, base: Row | None) -> dict[str, Any]:
        tallies = self.lane.rounds.get(question.name, []) if self.lane else []
        return {
            "cpu_us": median(tally.cpu_us for tally in tallies),
            "ratio": _against(self, base, question),
            "per_s": median(tally.per_s for tally in tallies),
            "median_ms": median(tally.median_ms for tally in tallies),
            "rounds_cpu_us": [tally.cpu_us for tally in tallies],
        }


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    with interruptible(), tempfile.TemporaryDirectory(prefix="benchmark-") as files:
        rows = [Row(rival) for rival in named(options.only or ())]
        for row in rows:
            _start_and_stop(row, times=options.starts, files=Path(files))
        _measure(rows, rounds=options.rounds, seconds=options.seconds, files=Path(files))
    base = next((row for row in rows if row.rival.name == BASE), None)
    document = {
        "rounds": options.rounds,
        "seconds": options.seconds,
        "connections": wrk.CONNECTIONS,
        "base": BASE,
        "servers": [row.as_dict(base) for row in rows],
    }
    publish("Peers", document, tables=_tables(rows, base), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--seconds", type=seconds, default=4, help="of each question in a round")
    parser.add_argument(
        "--starts", type=none_or_more, default=5, help="how often each server is started"
    )
    names = [rival.name for rival in all_rivals()]
    parser.add_argument("--only", nargs="+", choices=names, help="these servers alone")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _start_and_stop(row: Row, *, times: int, files: Path) -> None:
    """Measure the time from launch to first answer, and the memory when idle afterwards.

    Once more than `times`: the first start may have to compile what the others find.
    """
    try:
        for _ in range(times + 1):
            _start_once(row, files)
        for measured in (row.first_answer_s, row.start_cpu_s, row.idle_bytes):
            del measured[0]
    except (Absent, NotStarted) as cause:
        row.skipped = " ".join(str(cause).split())[:160]
        tell(f"{row.rival.name} is left out: {cause}")


def _start_once(row: Row, files: Path) -> None:
    rival, port = row.rival, free_port()
    program, address = (rival.idle or rival.start)(port, files), rival.address(port)
    before = time.perf_counter()
    with started(program) as server:
        server.wait_until(lambda: is_answered(address, rival.ready))
        row.first_answer_s.append(time.perf_counter() - before)
        row.start_cpu_s.append(server.cpu_s())
        time.sleep(SETTLED_S)
        row.idle_bytes.append(server.rss_bytes())


def _measure(rows: Sequence[Row], *, rounds: int, seconds: float, files: Path) -> None:
    if not wrk.is_installed():
        tell("no request is measured: wrk is not installed (apt-get install wrk)")
        return
    with ExitStack() as stack:
        up = [row for row in rows if not row.skipped]
        for row in up:
            row.lane = _lane(row.rival, stack, files=files)
            _check(row.rival, row.lane)
        lanes = [row.lane for row in up if row.lane]
        race(lanes, rounds=rounds, seconds=seconds)
        for row, lane in zip(up, lanes, strict=True):
            _check(row.rival, lane)


def _lane(rival: Rival, stack: ExitStack, *, files: Path) -> Lane:
    port, folder = free_port(), files / rival.name
    folder.mkdir(exist_ok=True)
    server = stack.enter_context(started(rival.start(port, folder)))
    address = rival.address(port)
    server.wait_until(lambda: is_answered(address, rival.ready))
    loads = {question.name: _load(rival, question) for question in questions()}
    return Lane(rival.name, server, address, loads, is_slow=rival.is_slow)


def _load(rival: Rival, question: Question) -> wrk.Load:
    expected = rival.expected[question.name]
    return wrk.Load(question.calls, expected.needle, expected.times)


def _check(rival: Rival, lane: Lane) -> None:
    """Send every call once and check the whole answer; wrk's script checks only a part of it.

    A slow server gets a few calls only: all of them would take longer than the rounds.
    """
    line = Line(lane.address)
    for question in questions():
        for call in question.calls[:4] if rival.is_slow else question.calls:
            try:
                got = line.send(call)
                fine = got.ok and rival.expected[question.name].whole(call, got)
                said = f"{got.status} {str(got.body)[:120]}"
            except (OSError, HTTPException, LookupError, TypeError) as cause:
                fine, said = False, f"{type(cause).__name__} {cause}"
            if not fine:
                lane.note(f"{question.name}: {call.method} {call.path}: {said}")
    line.close()


def _against(row: Row, base: Row | None, question: Question) -> float | None:
    return against(row.lane, base.lane if base else None, question.name) if row.lane else None


def _tables(rows: Sequence[Row], base: Row | None) -> str:
    asked = questions()
    head = ["CPU µs a request", *(question.title for question in asked)]
    ratios = [f"{question.title} / {BASE}" for question in asked]
    requests = table([*head, *ratios], [_requests(row, base) for row in rows])
    start = ["Server", "start to first answer, s", "CPU s of it", "idle, MiB", "state", "answers"]
    around = table(start, [_around(row, base) for row in rows])
    return f"{requests}\n\n{around}"


def _requests(row: Row, base: Row | None) -> list[str]:
    asked = questions()
    if row.skipped or row.lane is None:
        reason = row.skipped or "wrk is not installed"
        return [f"{row.rival.name} (skipped: {reason})", *[ABSENT] * 2 * len(asked)]
    label = f"{row.rival.name} (INVALID: {row.complaint})" if row.complaint else row.rival.name
    figures = [shown(row.lane.cpu_us(question.name)) for question in asked]
    return [label, *figures, *(shown(_against(row, base, question), 2) for question in asked)]


def _around(row: Row, base: Row | None) -> list[str]:
    first = median(row.first_answer_s)
    times = ratio(first, median(base.first_answer_s) if base else None)
    return [
        row.rival.name,
        f"{shown(first, 2)} ({shown(times, 2)})",
        shown(median(row.start_cpu_s), 2),
        shown(_mib(median(row.idle_bytes))),
        "yes" if row.rival.keeps_state else "no",
        row.rival.note,
    ]


def _mib(size: float | None) -> float | None:
    return None if size is None else size / MIB


if __name__ == "__main__":
    main()
