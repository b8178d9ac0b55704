"""What the client used of the API, as `contracts diff --used-by` reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.proxy.exchange import ReadExchange

VERSION = "1.0"
# Headers that the document describes; all others are the client's and its network's own.
HEADERS = {"apikey": "header.apikey", "onbehalfof": "header.onBehalfOf"}
MOST_NAMES = 200  # of parameters or fields of one operation, whatever a client sends
LONGEST_NAME = 100
DEEPEST = 8


@dataclass(slots=True)
class OperationUse:
    """Counts of what was used of one operation."""

    count: int = 0
    parameters: Counter[str] = field(default_factory=Counter)
    body_fields: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as they stand in the file; none that are empty."""
        counts = {
            name: dict(sorted(counter.items()))
            for name, counter in (
                ("parameters", self.parameters),
                ("body_fields", self.body_fields),
                ("statuses", self.statuses),
            )
            if counter
        }
        return {"count": self.count, **counts}


@dataclass(slots=True)
class UsageRecord:
    """Counts what one consumer uses; names only, never a value."""

    _operations: defaultdict[str, OperationUse] = field(
        default_factory=lambda: defaultdict(OperationUse)
    )

    def add(self, exchange: ReadExchange) -> None:
        """Count one exchange."""
        use = self._operations[f"{exchange.operation.method} {exchange.operation.path}"]
        use.count += 1
        use.statuses[str(exchange.status)] += 1
        names = [f"query.{name}" for name in exchange.raw_query]
        names += [shown for name, shown in HEADERS.items() if name in exchange.headers]
        _count(use.parameters, names)
        if exchange.raw.content:
            _count(use.body_fields, ["", *dict.fromkeys(fields_of(exchange.body))])

    def as_dict(self, *, consumer: str, recorded_at: str) -> dict[str, Any]:
        """Return the file's content (see usage.schema.json of ``contracts diff``)."""
        return {
            "usage_version": VERSION,
            "consumer": consumer,
            "recorded_at": recorded_at,
            "operations": {name: use.as_dict() for name, use in sorted(self._operations.items())},
        }


def fields_of(body: Any, prefix: str = "", depth: int = 0) -> list[str]:
    """Return the fields of a JSON body: ``tags``, ``tags[]``, ``data.text``."""
    if depth == DEEPEST:
        return []
    found: list[str] = []
    if isinstance(body, dict):
        for name, value in body.items():
            place = f"{prefix}.{name}" if prefix else str(name)
            found += [place, *fields_of(value, place, depth + 1)]
    elif isinstance(body, list) and body:
        place = f"{prefix}[]"
        found.append(place)
        for value in body[:MOST_NAMES]:
            found += fields_of(value, place, depth + 1)
    return found


def _count(counter: Counter[str], names: list[str]) -> None:
    for name in names:
        if len(name) <= LONGEST_NAME and (name in counter or len(counter) < MOST_NAMES):
            counter[name] += 1
