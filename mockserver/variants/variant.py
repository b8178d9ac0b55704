"""A variant: another way in which a server may keep the contract."""

from __future__ import annotations

from dataclasses import dataclass

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.faults.combinators import Change


def unchanged(behaviours: Behaviours) -> Behaviours:
    """The same parts."""
    return behaviours


@dataclass(frozen=True, slots=True)
class Variant:
    """A freedom that no document takes away; `reading` tells where that is said.

    `own` changes what the mock means to say and checks against the document. `sent` changes what
    it does and sends on top of that, where the document words the form it has itself.
    """

    name: str
    reading: str
    text: str
    own: Change = unchanged
    sent: Change = unchanged
