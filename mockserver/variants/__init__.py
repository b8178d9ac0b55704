"""Conforming variants by name: other servers that keep the contract in another way.

The suite must report nothing on any of them. They replace behaviours as faults do, and can be
combined.
"""

from __future__ import annotations

from collections.abc import Iterable

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.errors import UnknownVariant
from duologue.mockserver.variants import effects, wording
from duologue.mockserver.variants.variant import Variant, unchanged

__all__ = ["VARIANTS", "Variant", "with_variants"]

VARIANTS: dict[str, Variant] = {each.name: each for each in (*wording.VARIANTS, *effects.VARIANTS)}


def with_variants(behaviours: Behaviours, names: Iterable[str]) -> tuple[Behaviours, Behaviours]:
    """Return the checked behaviours, and those that act and answer; equal where possible.

    Raises UnknownVariant.
    """
    wanted = []
    for name in names:
        if name not in VARIANTS:
            raise UnknownVariant(name, tuple(VARIANTS))
        wanted.append(VARIANTS[name])
    for each in wanted:
        behaviours = each.own(behaviours)
    sent = behaviours
    for each in wanted:
        sent = each.sent(sent) if each.sent is not unchanged else sent
    return behaviours, sent
