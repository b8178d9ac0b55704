"""Faults by name: each switches one departure on, and says which clause it breaks.

A fault replaces healthy behaviours (see `behaviours`) by faulty ones; the healthy code does not
know that there are any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.errors import UnknownFault
from duologue.mockserver.faults import (
    absences,
    access,
    connections,
    consistency,
    counts,
    deletions,
    document,
    errors,
    filters,
    histories,
    key_behaviors,
    listing,
    marking,
    marks,
    operations,
    peers,
    properties,
    refusals,
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
    tags,
    errors,
    refusals,
    access,
    marks,
    listing,
    rows,
    filters,
    document,
    histories,
    absences,
    consistency,
    single_errors,
)
FAULTS: dict[str, Fault] = {
    fault.name: replace(fault, unseen=absences.UNSEEN.get(fault.name, ()))
    for room in _HEADINGS
    for fault in room.FAULTS
}


def with_faults(behaviours: Behaviours, names: Iterable[str]) -> Behaviours:
    """The parts with these faults in them; raises UnknownFault."""
    for name in names:
        if name not in FAULTS:
            raise UnknownFault(name, tuple(FAULTS))
        behaviours = FAULTS[name].apply(behaviours)
    return behaviours
