"""What a run makes on its target and sends to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from duologue.contracts.run.cleanup import OURS
from duologue.contracts.run.results import Result, Verdict

KINDS = ("user", "group", "member", "message")
FAILED = (Verdict.BROKEN, Verdict.NOT_REACHED, Verdict.ERROR)
MOST_SHOWN = 3
USUAL_RATES_PER_S = (1.0, 5.0, 20.0)


@dataclass(frozen=True, slots=True)
class Footprint:
    """Things made, by kind, and answers by operation and status."""

    made: Mapping[str, int]
    answers: Mapping[str, Mapping[int, int]]

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(sum(by_status.values()) for by_status in self.answers.values())

    def lines(self, rate_per_s: float | None = None) -> Iterator[str]:
        """Yield the footprint in lines, with the time that it takes at one or at usual rates."""
        for kind in KINDS:
            yield f"{self.made.get(kind, 0):>7} {kind}s"
        yield f"{self.requests:>7} requests"
        for name, count in sorted(self._by_name().items()):
            yield f"{count:>11} {name}"
        for rate in (rate_per_s,) if rate_per_s else USUAL_RATES_PER_S:
            yield f"at {60 * rate:g} requests a minute: {_duration(self.requests / rate)}"

    def _by_name(self) -> Counter[str]:
        """Return the answers by operation; by method and path where none has the path."""
        found: Counter[str] = Counter()
        for operation, by_status in self.answers.items():
            found[OURS.sub("{id}", operation)] += sum(by_status.values())
        return found


def doubt(results: Iterable[Result]) -> str:
    """Return why the figures of a rehearsal may be wrong, empty where every clause fared well.

    A clause that fails sends less than it does on the target.
    """
    failed = [each for each in results if each.verdict in FAILED]
    if not failed:
        return ""
    shown = "; ".join(
        f"{each.clause.id}: {each.why or each.verdict}" for each in failed[:MOST_SHOWN]
    )
    rest = len(failed) - MOST_SHOWN
    return (
        "the figures may be wrong: clauses did not hold on the bundled mock; on a busy machine,"
        f" try again ({shown}{f'; and {rest} more' if rest > 0 else ''})"
    )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
