"""What follows from a conversation's messages, and so need not be written down.

Both directions use it: `dump` leaves out what follows, `load` fills it in. Messages are named by
their ids; a place is the number of counting messages up to and including one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.domain.model import Kind

Key = tuple[Kind, str]  # the kind and the name that all parties share


@dataclass(slots=True)
class DerivedConversation:
    """One conversation, derived from its messages."""

    kind: Kind
    key: str
    began_at: int  # when its group or its first message did
    moved_at: int = 0
    counted: list[int] = field(default_factory=list)  # ids of the messages that move it, in order
    deletions: int = 0  # how many of those are deleted
    others: int = 0  # how many messages do not count
    senders: dict[str, list[int]] = field(default_factory=dict)  # places of what each one said
    gone: set[int] = field(default_factory=set)  # places of what is deleted

    def note(self, message: Mapping[str, Any]) -> None:
        """Let a message, told in full, have its effect."""
        if not message["counted"]:
            self.others += 1
            return
        self.counted.append(message["id"])
        self.moved_at = max(self.moved_at, message["at"])
        place = len(self.counted)
        self.senders.setdefault(message.get("from", ""), []).append(place)
        if "deletedAt" in message:
            self.deletions += 1
            self.gone.add(place)

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

    def place_of(self, message_id: int) -> int:
        """Return the place of a message."""
        return bisect_right(self.counted, message_id)

    def own_after(self, uid: str, place: int) -> int:
        """Return how many messages of one user came after a place."""
        places = self.senders.get(uid, [])
        return len(places) - bisect_right(places, place)

    def read_but(self, uid: str, unread: int) -> int | None:
        """Return the place after which exactly `unread` messages of others are; None if there are

        fewer.
        """
        own = set(self.senders.get(uid, []))
        for place in range(len(self.counted), 0, -1):
            if unread == 0:
                return place
            unread -= place not in own and place not in self.gone
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
    talks: dict[Key, DerivedConversation] = {
        ("group", group["guid"]): DerivedConversation("group", group["guid"], group["createdAt"])
        for group in groups
    }
    for message in messages:
        key = key_of(message)
        if key not in talks:
            talks[key] = DerivedConversation(*key, message["at"])
        talks[key].note(message)
    return talks
