"""The text of a message for people: mentions by name, and the kind of a message without text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from duologue.mockserver.domain.ids import fold

_MENTION = re.compile(r"<@uid:([A-Za-z0-9_-]{1,100})>")


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return the text with `@Ana Lima` for `<@uid:ana>`; an unknown uid stays as it is."""

    def name(found: re.Match[str]) -> str:
        known = names.get(fold(found[1]))
        return found[0] if known is None else f"@{known}"

    return _MENTION.sub(name, text)


def kind_of(type_: Any, content: Mapping[str, Any]) -> str:
    """Return what a message without text is: `(image: lake.svg)`; empty for type `text`."""
    if not isinstance(type_, str) or type_ == "text":
        return ""
    attachments = content.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else None
    name = first.get("name") if isinstance(first, dict) else None
    return f"({type_}: {name})" if isinstance(name, str) and name else f"({type_})"


def of_group_action(content: dict[str, Any]) -> str:
    """Return who did what to whom in a group; empty if the content does not tell."""
    by, on = (entity_name(content, role) for role in ("by", "on"))
    action = content.get("action")
    if not isinstance(action, str) or not by:
        return ""
    words = {"scopeChanged": "changed the scope of"}.get(action, action)
    return f"{by} {words}" if on in {"", by} else f"{by} {words} {on}"


def entity_name(content: dict[str, Any], role: str) -> str:
    """Return the name of one who took part in a message; empty if it is not told."""
    at: Any = content
    for step in ("entities", role, "entity", "name"):
        at = at.get(step) if isinstance(at, dict) else None
    return at if isinstance(at, str) else ""
