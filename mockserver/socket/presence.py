"""Presence: who is online, for the clients that have asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.delivery import Context, Delivery, data_of, sent_of

_ONLINE = {"online", "available"}


def of_user(context: Context, entry: JournalEntry) -> Iterator[Delivery]:
    """Yield that a user is online or not, if the request has said so."""
    user = data_of(entry)
    uid, status = frames.text_of(user, "uid"), frames.text_of(user, "status")
    if not uid or not status or "status" not in sent_of(entry):
        return
    user.pop("authToken", None)
    body = {
        "action": frames.ONLINE if status in _ONLINE else frames.OFFLINE,
        "timestamp": user.get("lastActiveAt") or entry.at,
        "user": user,
    }
    everybody = context.audience.everybody() - {uid}
    frame = frames.event(frames.PRESENCE, body, sender=uid, receiver=("", ""))
    yield Delivery(
        frame, context.audience.unblocked(uid, *everybody), role=frames.text_of(user, "role")
    )
