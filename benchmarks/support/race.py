"""Servers that run at the same time and get requests in turn, so that other load affects all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.support import wrk
from benchmarks.support.calls import Address
from benchmarks.support.figures import median, tell
from benchmarks.support.processes import Running

WARM_S = 2  # for JIT compilers and caches


@dataclass
class Lane:
    """One server in a race: what it is asked, by the question's name, and what that took.

    ``is_slow`` asks one request after the other: what wrk cuts off at the end would show.
    """

    name: str
    server: Running
    address: Address
    loads: Mapping[str, wrk.Load]
    is_slow: bool = False
    rounds: dict[str, list[wrk.Tally]] = field(default_factory=lambda: defaultdict(list))
    complaints: list[str] = field(default_factory=list)

    def cpu_us(self, question: str) -> float | None:
        """Return the median of the rounds, in CPU microseconds a request."""
        return median(tally.cpu_us for tally in self.rounds.get(question, ()))

    def median_ms(self, question: str) -> float | None:
        """Return the median of the rounds' median response times under load."""
        return median(tally.median_ms for tally in self.rounds.get(question, ()))

    def ask(self, question: str, *, seconds: float) -> wrk.Tally:
        """Run one round of load and note unexpected answers."""
        drive = wrk.walk if self.is_slow else wrk.drive
        tally = drive(self.server, self.address, self.loads[question], seconds=seconds)
        if tally.complaint:
            self.note(f"{question}: {tally.complaint}")
        return tally

    def note(self, complaint: str) -> None:
        """Mark all figures of the lane as invalid."""
        if not self.complaints:
            tell(f"{self.name} is invalid: {complaint}")
        self.complaints.append(complaint)


def race(lanes: Sequence[Lane], *, rounds: int, seconds: float) -> None:
    """Warm up, then measure every question on every lane in turn, round after round."""
    names = list(dict.fromkeys(name for lane in lanes for name in lane.loads))
    turns = [(lane, name) for name in names for lane in lanes if name in lane.loads]
    for lane, name in turns:
        lane.ask(name, seconds=WARM_S)
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        for lane, name in turns:
            lane.rounds[name].append(lane.ask(name, seconds=seconds))


def against(lane: Lane, base: Lane | None, question: str, *, of: str | None = None) -> float | None:
    """Return the median of the ratios within a round to the base's figure for ``of``."""
    if base is None:
        return None
    theirs = base.rounds.get(of or question, ())
    pairs = zip(lane.rounds.get(question, ()), theirs, strict=False)
    return median(one.cpu_us / other.cpu_us for one, other in pairs if other.cpu_s)
