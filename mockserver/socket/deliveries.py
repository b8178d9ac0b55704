"""What a change means to the clients: the frames, and the users that each one is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from duologue.mockserver.control.events.changes import KINDS
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.socket import group_events, messages, presence, receipts
from duologue.mockserver.socket.delivery import Context, Delivery

_OF_KIND: Mapping[str, Callable[[Context, JournalEntry], Iterable[Delivery]]] = {
    "message": messages.of_message,
    "message-edited": messages.of_message,
    "message-deleted": messages.of_message,
    "read": receipts.of_read,
    "delivered": receipts.of_delivered,
    "members": group_events.of_members,
    "user": presence.of_user,
}


def of_entry(context: Context, entry: JournalEntry) -> Iterable[Delivery]:
    """Return what a request means to the clients, in the order in which they learn of it."""
    operation_id = entry.operation_id or ""
    # A group may be created with its members.
    kind = "members" if operation_id == "createGroup" else KINDS.get(operation_id, "")
    make = _OF_KIND.get(kind)
    return () if make is None else make(context, entry)
