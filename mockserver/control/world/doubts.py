"""What a world document may hold but is rarely meant: told, not refused.

A dump of a state has it, too: the last member leaves a group, or a former one has written there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Document = Mapping[str, Any]


class Doubt(NamedTuple):
    """A place of a document, and what is unusual there."""

    place: str
    text: str


def doubts(written: Document) -> Iterator[Doubt]:
    """Yield what is unusual in a document whose form is valid."""
    members = {one["guid"]: _members(one) for one in written.get("groups", ())}
    for place, guid in enumerate(members):
        if not members[guid]:
            yield Doubt(f"groups.{place}", f"{guid} has no members, so nobody sees it.")
    for place, one in enumerate(written.get("messages", ())):
        guid, sender = one["to"].get("group"), one.get("from")
        if _is_notice(one) or sender is None or guid not in members:
            continue
        if members[guid] and sender not in members[guid]:
            yield Doubt(f"messages.{place}.from", f"{sender} is not a member of {guid}.")


def _is_notice(message: Document) -> bool:
    return message.get("category") == "action" or bool(message.get("erased"))


def _members(group: Document) -> frozenset[str]:
    uids = (one if isinstance(one, str) else one["uid"] for one in group.get("members", ()))
    return frozenset(uids)
