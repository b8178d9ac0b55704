"""A variant: another way in which a server may keep the contract."""

from __future__ import annotations

from dataclasses import dataclass

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.faults.combinators import Change


def unchanged(behaviours: Behaviours) -> Behaviours:
    """Return the same behaviours."""
    return behaviours


@dataclass(frozen=True, slots=True)
class Variant:
    """A behaviour that no document excludes; `reading` cites the reading that permits it.

    `own` changes what the mock checks against the document; `sent` changes what it does and sends
    on top of that, where the document describes another form.
    """

    name: str
    reading: str
    text: str
    own: Change = unchanged
    sent: Change = unchanged
