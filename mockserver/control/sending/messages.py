"""Messages of the mock's own, as JSON: check, send, show."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.sending.scheduler import ScheduledMessage
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import users as user_store


def send(controls: Controls, wanted: dict[str, Any]) -> dict[str, Any]:
    """Send a message, now or later, and return it; raise WrongInput if it cannot be sent."""
    sender = wanted["from"]
    kind, receiver = _checked(controls.state.connection, sender, wanted["to"])
    message, answer = controls.scheduler.add(
        sender,
        kind=kind,
        receiver=receiver,
        text=wanted["text"],
        in_s=wanted.get("in_s", 0),
    )
    if answer is None:
        return shown(message)
    status, body = answer
    if status >= 400:
        raise WrongInput({"body": [body["error"]["message"]]})
    return {**shown(message), "message": body["data"]}


def shown(message: ScheduledMessage) -> dict[str, Any]:
    """Return a message that waits as JSON."""
    return {
        "id": message.id,
        "from": message.sender,
        "to": {message.kind: message.receiver},
        "text": message.text,
        "at": message.due,
        "message": None,
    }


def _checked(conn: Connection, sender: str, to: Any) -> tuple[str, str]:
    """Return kind and id of the receiver; raise WrongInput for anybody who is not there."""
    details: dict[str, list[str]] = {}
    if user_store.find(conn, sender) is None:
        details["from"] = [f"There is no user {sender}."]
    kind, receiver = _receiver(conn, to)
    if kind == "user" and user_store.find(conn, receiver) is None:
        details["to"] = [f"There is no user {receiver}."]
    if kind == "group":
        if group_store.find(conn, receiver) is None:
            details["to"] = [f"There is no group {receiver}."]
        elif not details and member_store.scope_of(conn, receiver, sender) is None:
            details["from"] = [f"{sender} is no member of the group {receiver}."]
    if details:
        raise WrongInput(details)
    return kind, receiver


def _receiver(conn: Connection, to: Any) -> tuple[str, str]:
    if not isinstance(to, str):
        ((kind, receiver),) = to.items()
        return kind, receiver
    is_group = user_store.find(conn, to) is None and group_store.find(conn, to) is not None
    return ("group" if is_group else "user"), to
