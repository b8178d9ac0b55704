"""Faults by name: each switches one departure on, and says which clause it breaks.

A fault is other parts in place of healthy ones (see `parts`): the healthy code does not know that
there are any.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.errors import UnknownFault
from mockserver.faults import (
    access,
    connections,
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
    tags,
    times,
)
from mockserver.faults.fault import Fault
from mockserver.parts import Parts

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
)
FAULTS: dict[str, Fault] = {fault.name: fault for room in _HEADINGS for fault in room.FAULTS}


def with_faults(parts: Parts, names: Iterable[str]) -> Parts:
    """The parts with these faults in them; raises UnknownFault."""
    for name in names:
        if name not in FAULTS:
            raise UnknownFault(name, tuple(FAULTS))
        parts = FAULTS[name].apply(parts)
    return parts
