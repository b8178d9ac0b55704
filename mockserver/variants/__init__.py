"""Variants by name: other servers that keep the contract, each in a way of its own.

The suite has to be silent on every one of them. They are made as faults are, by other parts in
place of the mock's, and can be told together.
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
    """What the mock means to say, and what it does and sends; one and the same where it can be.

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
