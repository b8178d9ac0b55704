"""Messages, and the notices that one is edited or deleted, for both sides of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.delivery import Context, Delivery, data_of
from duologue.mockserver.socket.frames import Frame


def of_message(context: Context, entry: JournalEntry) -> Iterator[Delivery]:
    """Yield the message of an answer, as each side of its conversation sees it."""
    body = data_of(entry)
    sender = frames.text_of(body, "sender")
    receiver = frames.text_of(body, "receiverType"), frames.text_of(body, "receiver")
    device = entry.device or ""
    for uids, shown in _sides(context, body, sender=sender, receiver=receiver):
        frame = frames.event(frames.MESSAGE, shown, sender=sender, receiver=receiver, device=device)
        yield Delivery(frame, uids, device)


def _sides(
    context: Context, body: Frame, *, sender: str, receiver: tuple[str, str]
) -> Iterator[tuple[frozenset[str], Frame]]:
    """Yield the users on each side of a conversation, and the message as they see it."""
    kind, peer = receiver
    if kind == "group":
        yield context.audience.members(peer), body
        return
    name = context.behaviours.conversation_id
    yield context.audience.present(sender), body
    before, after = name("user", peer, owner=sender), name("user", sender, owner=peer)
    if peer != sender:
        yield context.audience.unblocked(sender, peer), _renamed(body, before, after)


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
