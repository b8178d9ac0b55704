"""The faults to choose from: hundreds, so a search shows a few."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from duologue.mockserver.faults.fault import Fault

MOST = 40


class FaultChoices(NamedTuple):
    """The faults that a search found, and how many there are."""

    faults: tuple[Fault, ...]
    found: int
    total: int


def find_faults(faults: Iterable[Fault], search: str) -> FaultChoices:
    """Return the first faults with every word of `search` in name, clause or text."""
    words = search.casefold().split()
    known = list(faults)
    found = [
        fault
        for fault in known
        if all(word in f"{fault.name} {fault.clause} {fault.text}".casefold() for word in words)
    ]
    return FaultChoices(tuple(found[:MOST]), len(found), len(known))
