"""What a change means to the clients: the frames, and the users that each one is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.control.events.changes import KINDS
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.journal_view import value_of
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.audience import Audience
from duologue.mockserver.socket.frames import Frame


class Delivery(NamedTuple):
    """One frame, and the uids of the users that it is for."""

    frame: Frame
    to: frozenset[str]
    device: str = ""  # the one that caused it, which is not told


class Deliveries:
    """Turns requests that have changed the state into frames for the users that are connected."""

    def __init__(self, audience: Audience, behaviours: Callable[[], Behaviours]) -> None:
        self._audience = audience
        self._behaviours = behaviours
        self._of_kind: dict[str, Callable[[JournalEntry], Iterable[Delivery]]] = {
            "message": self._of_message,
            "message-edited": self._of_message,
            "message-deleted": self._of_message,
        }

    def of(self, entry: JournalEntry) -> Iterable[Delivery]:
        """Return what a request means to the clients, in the order in which they learn of it."""
        make = self._of_kind.get(KINDS.get(entry.operation_id or "", ""))
        return () if make is None else make(entry)

    # Messages, and the notices that one is edited or deleted.

    def _of_message(self, entry: JournalEntry) -> Iterator[Delivery]:
        body = _data_of(entry)
        sender, receiver = frames.text_of(body, "sender"), frames.text_of(body, "receiver")
        kind, device = frames.text_of(body, "receiverType"), entry.device or ""
        for uids, shown in self._sides(body, sender, (kind, receiver)):
            frame = frames.event(
                frames.MESSAGE, shown, sender=sender, receiver=(kind, receiver), device=device
            )
            yield Delivery(frame, uids, device)

    def _sides(
        self, body: Frame, sender: str, receiver: tuple[str, str]
    ) -> Iterator[tuple[frozenset[str], Frame]]:
        """Yield the users on each side of a conversation, and the message as they see it."""
        kind, peer = receiver
        if kind == "group":
            yield self._audience.members(peer), body
            return
        name = self._behaviours().conversation_id
        yield self._audience.present(sender), body
        renamed = _renamed(body, name("user", peer, owner=sender), name("user", sender, owner=peer))
        yield self._audience.unblocked(sender, peer), renamed


def _data_of(entry: JournalEntry) -> Frame:
    """Return the content of an answer; empty if it is no object."""
    answer = value_of(entry.answer_body)
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def _renamed(found: Any, before: Any, after: Any) -> Any:
    """Return JSON with another id of the conversation wherever it names this one."""
    if isinstance(found, list):
        return [_renamed(one, before, after) for one in found]
    if not isinstance(found, dict):
        return found
    return {
        name: after
        if name == "conversationId" and value == before
        else _renamed(value, before, after)
        for name, value in found.items()
    }
