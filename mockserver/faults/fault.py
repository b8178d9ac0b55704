"""A fault: one departure from one clause, as other parts in place of healthy ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duologue.mockserver.faults.combinators import Change


@dataclass(frozen=True, slots=True)
class Fault:
    """`apply` gives parts with the fault in them; `clause` is the one that it breaks.

    `unseen` are the clauses that must not be held under it: it takes away what they speak of.
    """

    name: str
    clause: str
    text: str
    apply: Change
    unseen: tuple[str, ...] = ()
