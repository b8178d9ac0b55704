"""A fault: one defect that breaks one clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duologue.mockserver.faults.combinators import Change


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect; `apply` returns behaviours with it, `clause` is the clause that it breaks.

    `unseen` are the clauses that must not be held under it: it removes what they check. One that
    `is_slow` delays requests, so a drill runs it with its own clause only.
    """

    name: str
    clause: str
    text: str
    apply: Change
    unseen: tuple[str, ...] = ()
    is_slow: bool = False
