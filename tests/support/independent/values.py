"""The values of the model: a message, one party's copy of a conversation, a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

CopyKey = tuple[str, str, str]  # owner, kind, peer: one party's copy of a conversation


class Refusal(Exception):
    """A refused request: HTTP status, error code, and what is wrong with which field."""

    def __init__(self, status: int, code: str, **details: str) -> None:
        self.status, self.code, self.details = status, code, details
        super().__init__(f"{status} {code}")


@dataclass(slots=True)
class Message:
    """One message; ``hidden`` if sent to a large group, ``text`` is None once it is deleted."""

    id: int
    sender: str
    receiver: str
    kind: str
    text: str | None
    sent_at: int
    hidden: bool = False
    action: bool = False
    delivered_at: int | None = None
    read_at: int | None = None


@dataclass(slots=True)
class Copy:
    """What its owner changed in a copy: read messages, tags, deletion, time of the last change."""

    read: set[int] = field(default_factory=set)
    delivered: set[int] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    deleted_through: int = 0
    changed_at: int = 0
