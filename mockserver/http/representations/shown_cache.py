"""The JSON of conversations, kept for the copies that it was made of.

A copy is an immutable value, and equal rows of the store share one copy (`store.lookup` and
`store.listing`), so what is shown of it can be kept beside it. A list of 100 conversations of
which one has changed costs one, and its last message nothing if only the tags are new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Copy, Kind, Message, Shown
from duologue.mockserver.http.representations import serializers
from duologue.mockserver.http.traffic.shown_rows import ShownRow

MOST_KEPT = 2048
Key = tuple[int, bool, bool, bool, bool]


def cached(behaviours: Behaviours) -> Behaviours:
    """Return the behaviours with a cache of what they show of conversations.

    For behaviours whose answers depend on nothing but the state. What is shown is shared by
    answers, which are only read.
    """
    return replace(behaviours, show_conversation=_ShownCache(behaviours.show_conversation))


def with_last_messages(behaviours: Behaviours) -> Behaviours:
    """Return the behaviours with a cache of the last messages alone, for the same behaviours.

    For answers to changes: these show copies that no other answer has.
    """
    if behaviours.show_last_message is not serializers.last_message:
        return behaviours  # it may look at any part of the copy
    return replace(behaviours, show_last_message=_LastMessageCache())


class _ShownCache:
    def __init__(self, show: Callable[[Behaviours, Copy, Shown], Any]) -> None:
        self._show = show
        self._kept: dict[Key, tuple[Copy, Any]] = {}

    def __call__(self, behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
        if shown.blocks is not None:  # who has blocked whom is not part of a copy
            return self._show(behaviours, copy, shown)
        key = (id(copy), shown.tags, shown.peer_tags, shown.owner, shown.single)
        kept = self._kept.get(key)
        # The id may be that of a copy which is gone: a kept one cannot be.
        if kept is not None and kept[0] is copy:
            return kept[1]
        body = self._show(behaviours, copy, shown)
        if type(body) is dict:
            body = ShownRow(body)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = copy, body
        return body


class _LastMessageCache:
    """`serializers.last_message`, kept for the message itself: a copy with new tags shares it."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Message, tuple[Kind, str, str], Any]] = {}

    def __call__(self, behaviours: Behaviours, copy: Copy, shown: Shown) -> Any:
        message, party = copy.last_message, (copy.kind, copy.peer, copy.owner)
        kept = self._kept.get(id(message))
        if kept is not None and kept[0] is message and kept[1] == party:
            return kept[2]
        body = serializers.last_message(behaviours, copy, shown)
        if message is not None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[id(message)] = message, party, body
        return body
