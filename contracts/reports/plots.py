"""Small plots of a run: the lengths of bars, as numbers for inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SLOWEST = 12
# The upper ends of the steps of the histogram, in seconds.
STEPS_S = (0.1, 0.3, 1.0, 3.0, 10.0)
CLASSES = ("2xx", "3xx", "4xx", "5xx")


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of a bar, from ``start`` on, in hundredths of the bar's width."""

    name: str
    start: float
    width: float
    count: int


@dataclass(frozen=True, slots=True)
class StatusBar:
    """The answers of one operation by the class of their status, and each status with its count."""

    operation: str
    requests: int
    parts: tuple[BarPart, ...]
    statuses: str


@dataclass(frozen=True, slots=True)
class TimeBar:
    """A name with a number and its share of the greatest one, in hundredths."""

    name: str
    number: float
    width: float


def status_bars(document: dict[str, Any]) -> list[StatusBar]:
    """Return a bar for each operation that was asked for, those never answered 2xx included."""
    bars = [_status_bar(name, entry) for name, entry in document["operations"].items()]
    missing = [
        name for name in document["unreached_operations"] if name not in document["operations"]
    ]
    return [*bars, *(StatusBar(name, 0, (), "not answered") for name in missing)]


def _status_bar(name: str, entry: dict[str, Any]) -> StatusBar:
    by_status: dict[str, int] = entry["by_status"]
    counts = dict.fromkeys(CLASSES, 0)
    for status, count in by_status.items():
        counts[f"{status[0]}xx" if f"{status[0]}xx" in counts else "5xx"] += count
    total = sum(counts.values()) or 1
    parts, start = [], 0.0
    for kind, count in counts.items():
        width = 100 * count / total
        if count:
            parts.append(BarPart(kind, round(start, 2), round(width, 2), count))
        start += width
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(by_status.items()))
    return StatusBar(name, entry["requests"], tuple(parts), statuses)


def slowest(document: dict[str, Any]) -> list[TimeBar]:
    """Return the clauses that took longest, at most 12, in seconds."""
    by_time = sorted(document["clauses"], key=lambda clause: -clause["duration_s"])[:SLOWEST]
    return _bars([(clause["id"], clause["duration_s"]) for clause in by_time])


def durations(document: dict[str, Any]) -> list[TimeBar]:
    """Return how many clauses took how long, by steps that grow about threefold."""
    times = [clause["duration_s"] for clause in document["clauses"]]
    if not times:
        return []
    edges = (0.0, *STEPS_S, float("inf"))
    pairs = list(pairwise(edges))
    counted = [sum(low <= each < high for each in times) for low, high in pairs]
    return _bars([(_step(*pair), count) for pair, count in zip(pairs, counted, strict=True)])


def _step(low: float, high: float) -> str:
    if not low:
        return f"below {high:g} s"
    return f"{low:g} s and more" if high == float("inf") else f"{low:g} to {high:g} s"


def _bars(pairs: list[tuple[str, float]]) -> list[TimeBar]:
    most = max((number for _, number in pairs), default=0) or 1
    return [TimeBar(name, number, round(100 * number / most, 2)) for name, number in pairs]
