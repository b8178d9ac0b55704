"""The JSON of conversations, kept for the copies that it was made of.

A copy is an immutable value, and equal rows of the store share one copy (`store.lookup` and
`store.listing`), so what is shown of it can be kept beside it. A list of 100 conversations of
which one has changed costs one.
"""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Copy, Shown

MOST_KEPT = 2048
Key = tuple[int, bool, bool, bool, bool]


class ShownCache:
    """What one set of behaviours shows of conversations; to be read only."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[Copy, Any]] = {}

    def show(self, behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
        """Return what `behaviours` show of a copy, always the same behaviours.

        Who has blocked whom is not part of a copy, so such answers are not kept.
        """
        if shown.blocks is not None:
            return behaviours.show_conversation(behaviours, copy, shown)
        key = (id(copy), shown.tags, shown.peer_tags, shown.owner, shown.single)
        kept = self._kept.get(key)
        # The id may be that of a copy which is gone: a kept one cannot be.
        if kept is not None and kept[0] is copy:
            return kept[1]
        body = behaviours.show_conversation(behaviours, copy, shown)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = copy, body
        return body
