"""Faults by name: each adds one defect and names the clause that it breaks.

A fault replaces behaviours (see `behaviours`) by faulty ones; the other code does not
know about faults.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.errors import UnknownFault
from duologue.mockserver.faults import (
    absences,
    access,
    answers,
    connections,
    consistency,
    counts,
    crowds,
    deleted_counts,
    deletions,
    document,
    errors,
    filters,
    histories,
    key_behaviors,
    listing,
    marking,
    marks,
    odd_ids,
    operations,
    pages,
    parts,
    peers,
    properties,
    queries,
    refusals,
    requests,
    rows,
    single_errors,
    tags,
    times,
)
from duologue.mockserver.faults.fault import Fault

__all__ = ["FAULTS", "Fault", "with_faults"]

_HEADINGS = (
    operations,
    marking,
    properties,
    times,
    counts,
    connections,
    deletions,
    peers,
    key_behaviors,
    crowds,
    tags,
    errors,
    refusals,
    odd_ids,
    access,
    marks,
    requests,
    listing,
    rows,
    filters,
    pages,
    queries,
    parts,
    deleted_counts,
    document,
    histories,
    absences,
    consistency,
    answers,
    single_errors,
)


def named(faults: Iterable[Fault]) -> dict[str, Fault]:
    """Return the faults by name; raise ValueError if two have the same."""
    found: dict[str, Fault] = {}
    for fault in faults:
        if found.setdefault(fault.name, fault) is not fault:
            raise ValueError(f"two faults are called {fault.name}")
    return found


FAULTS: dict[str, Fault] = {
    name: replace(fault, unseen=absences.UNSEEN.get(name, ()))
    for name, fault in named(fault for room in _HEADINGS for fault in room.FAULTS).items()
}


def with_faults(behaviours: Behaviours, names: Iterable[str]) -> Behaviours:
    """Return the behaviours with these faults applied; raise UnknownFault."""
    for name in names:
        if name not in FAULTS:
            raise UnknownFault(name, tuple(FAULTS))
        behaviours = FAULTS[name].apply(behaviours)
    return behaviours
