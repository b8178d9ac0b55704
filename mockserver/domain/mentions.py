"""Who a text mentions, as the vendor's clients write it: `<@uid:ana>`."""

from __future__ import annotations

import re

from duologue.mockserver.domain.ids import fold

_MENTION = re.compile(r"<@uid:([A-Za-z0-9_-]{1,100})>")


def mentioned(text: str) -> tuple[str, ...]:
    """Return the uids that the text mentions, each once, in the order of the text."""
    if "<@uid:" not in text:
        return ()
    return tuple(dict.fromkeys(fold(uid) for uid in _MENTION.findall(text)))
