"""One difference of two schemas, and what it does to the valid values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from duologue.contracts.diff.located import Location
from duologue.contracts.diff.schemas.shape import Schemas

Step = tuple[str, Any]
"""One step from a schema to one below: property, item, additional, branch, then, else."""


class Effect(StrEnum):
    """What a difference does to the set of valid values."""

    NARROWER = "narrower"
    WIDER = "wider"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True)
class SchemaChange:
    """One difference; ``old_steps`` lead to its place in the old schema, ``steps`` in the new."""

    kind: str
    effect: Effect
    words: str
    steps: tuple[Step, ...] = ()
    old_steps: tuple[Step, ...] = ()
    detail: tuple[Any, ...] = ()
    old_where: Location | None = None
    new_where: Location | None = None
    clauses: tuple[str, ...] = ()
    exclusive: bool = False  # within a oneOf, where less can let more through


@dataclass(frozen=True, slots=True)
class Below:
    """Two schemas below a pair, to be compared, and the steps to them in the old and the new."""

    old_step: Step
    step: Step
    old: Schemas
    new: Schemas
    exclusive: bool = False


def kebab(word: str) -> str:
    """Return a keyword as rule ids have it: `min-length`."""
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in word)
