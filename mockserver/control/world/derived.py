"""What follows from a conversation's messages, and so need not be written down.

Both directions use it: `dump` leaves out what follows, `load` fills it in. Messages are named by
their ids; a position is the number of counting messages up to and including one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.domain.mentions import mentioned
from duologue.mockserver.domain.model import Kind

Key = tuple[Kind, str]  # the kind and the name that all parties share


@dataclass(slots=True)
class DerivedConversation:
    """One conversation, derived from its messages."""

    kind: Kind
    key: str
    began_at: int  # when the group or the first message was created
    moved_at: int = 0
    counted: list[int] = field(default_factory=list)  # ids of the messages that count, in order
    deletions: int = 0  # how many of those are deleted
    mentions: int = 0  # how many of those mention somebody
    others: int = 0  # how many messages do not count
    senders: dict[str, list[int]] = field(default_factory=dict)  # positions by sender
    deleted: set[int] = field(default_factory=set)  # positions of deleted messages

    def add(self, message: Mapping[str, Any]) -> None:
        """Add a message that is written in full."""
        if not message["counted"]:
            self.others += 1
            return
        self.counted.append(message["id"])
        self.moved_at = max(self.moved_at, message["at"])
        position = len(self.counted)
        self.mentions += bool(mentioned(message.get("text", "")))
        self.senders.setdefault(message.get("from", ""), []).append(position)
        if "deletedAt" in message:
            self.deletions += 1
            self.deleted.add(position)

    @property
    def last_message(self) -> int | None:
        """Return the id of the newest message that counts."""
        return self.counted[-1] if self.counted else None

    @property
    def updated_at(self) -> int:
        """Return when the newest counting message was sent, else when the conversation began."""
        return max(self.began_at, self.moved_at)

    @property
    def parties(self) -> tuple[str, ...]:
        """Return both users of a 1-on-1."""
        return tuple(self.key.split("|"))

    def position_of(self, message_id: int) -> int:
        """Return the position of a message."""
        return bisect_right(self.counted, message_id)

    def own_after(self, uid: str, position: int) -> int:
        """Return how many messages of one user came after a position."""
        positions = self.senders.get(uid, [])
        return len(positions) - bisect_right(positions, position)

    def position_with_unread(self, uid: str, unread: int) -> int | None:
        """Return the position before the last `unread` messages of others; None if fewer."""
        own = set(self.senders.get(uid, []))
        for position in range(len(self.counted), 0, -1):
            if unread == 0:
                return position
            unread -= position not in own and position not in self.deleted
        return None if unread else 0


def key_of(message: Mapping[str, Any]) -> Key:
    """Return the conversation of a message that is written in full."""
    to = message["to"]
    if "group" in to:
        return "group", to["group"]
    return "user", pair_key(message["from"], to["user"])


def derive_conversations(
    groups: Iterable[Mapping[str, Any]], messages: Iterable[Mapping[str, Any]]
) -> dict[Key, DerivedConversation]:
    """Return the conversations of groups and messages that are written in full."""
    conversations: dict[Key, DerivedConversation] = {
        ("group", group["guid"]): DerivedConversation("group", group["guid"], group["createdAt"])
        for group in groups
    }
    for message in messages:
        key = key_of(message)
        if key not in conversations:
            conversations[key] = DerivedConversation(*key, message["at"])
        conversations[key].add(message)
    return conversations
