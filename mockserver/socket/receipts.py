"""Receipts: who has read or received messages, for those who take part in the conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import Copy, Kind
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.delivery import Context, Delivery, sent_of
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store


def of_read(context: Context, entry: JournalEntry) -> Iterator[Delivery]:
    """Yield what is told once somebody has read messages."""
    return _of_mark(context, entry, frames.READ)


def of_delivered(context: Context, entry: JournalEntry) -> Iterator[Delivery]:
    """Yield what is told once somebody has received messages."""
    return _of_mark(context, entry, frames.DELIVERED)


def _of_mark(context: Context, entry: JournalEntry, action: str) -> Iterator[Delivery]:
    uow = context.reading()
    copy = _copy_of(uow, entry)
    number = None if copy is None else _message_of(copy, sent_of(entry), action)
    user = None if copy is None else user_store.find(uow.conn, copy.owner)
    if copy is None or number is None or user is None:
        return
    body = {
        "action": action,
        "messageId": str(number),
        "timestamp": entry.at,
        "user": uow.behaviours.show_user(user),
    }
    device = entry.device or ""
    for uids, owner in _sides(context, copy):
        peer = copy.owner if copy.kind == "user" and owner != copy.owner else copy.peer
        name = uow.behaviours.conversation_id(copy.kind, peer, owner=owner)
        yield Delivery(_frame(copy, body | {"conversationId": name}, device), uids, device)
    if copy.kind == "group":
        yield from _of_all(context, copy, body, number=number)


def _sides(context: Context, copy: Copy) -> Iterator[tuple[frozenset[str], str]]:
    """Yield those to tell, with the owner of the conversation as they see it."""
    if copy.kind == "group":
        yield context.audience.members(copy.peer), copy.owner
        return
    yield context.audience.present(copy.owner), copy.owner
    yield context.audience.unblocked(copy.owner, copy.peer), copy.peer


def _of_all(context: Context, copy: Copy, body: frames.Frame, *, number: int) -> Iterator[Delivery]:
    """Yield that all members have read or received a message, once they have (B18)."""
    uow = context.reading()
    message = message_store.find(uow.conn, number)
    if message is None:
        return
    is_read = body["action"] == frames.READ
    if (message.read_at if is_read else message.delivered_at) is None:
        return
    name = uow.behaviours.conversation_id(copy.kind, copy.peer, owner=copy.owner)
    action = frames.READ_BY_ALL if is_read else frames.DELIVERED_TO_ALL
    whole = body | {"action": action, "conversationId": name}
    yield Delivery(_frame(copy, whole, ""), context.audience.members(copy.peer))


def _frame(copy: Copy, body: frames.Frame, device: str) -> frames.Frame:
    receiver = (copy.kind, copy.peer)
    return frames.event(frames.RECEIPTS, body, sender=copy.owner, receiver=receiver, device=device)


def _copy_of(uow: UnitOfWork, entry: JournalEntry) -> Copy | None:
    """Return the conversation that was marked; None if it is gone by now."""
    kind: Kind = "user" if "uid" in entry.params else "group"
    peer = uow.behaviours.fold(entry.params["uid" if kind == "user" else "guid"])
    try:
        return uow.find_copy(uow.behaviours.fold(entry.caller or ""), kind=kind, peer=peer)
    except Refusal:
        return None


def _message_of(copy: Copy, sent: dict[str, Any], action: str) -> int | None:
    """Return the number of the newest message that the receipt is about; None for none."""
    if "messageId" in sent:
        return int(sent["messageId"])
    return copy.last_read_id if action == frames.READ else copy.latest_id
