"""The frames of the socket as JSON objects: what the vendor's JavaScript SDK 4.2.0 reads and sends.

Each frame of an event names the application and the receiver's own place in it; `deviceId` is that
of the cause, so that a client passes over what it did itself.
"""

from __future__ import annotations

from typing import Any

import orjson

from duologue.mockserver.http.traffic.bounds import is_too_deep

Frame = dict[str, Any]

AUTH, MESSAGE, RECEIPTS = "auth", "message", "receipts"
TYPING, PRESENCE, TRANSIENT = "typing_indicator", "presence", "transient_message"
RELAYED = frozenset({TYPING, TRANSIENT})  # what one client says to another, kept by nobody
READ, DELIVERED = "read", "delivered"
READ_BY_ALL, DELIVERED_TO_ALL = "readByAll", "deliveredToAll"
ONLINE, OFFLINE = "online", "offline"
PING = "ping"
PONG: Frame = {"action": "pong"}


def read(text: str | bytes) -> Frame | None:
    """Return the JSON object in a frame; None for anything else, and for one nested too deep."""
    raw = text.encode() if isinstance(text, str) else text
    if is_too_deep(raw):
        return None
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return found if type(found) is dict else None


def text_of(frame: Frame, name: str) -> str:
    """Return a text of a frame; empty if it has none by that name."""
    found = frame.get(name)
    return found if type(found) is str else ""


def body_of(frame: Frame) -> Frame:
    """Return the body of a frame; empty if it has none."""
    found = frame.get("body")
    return found if type(found) is dict else {}


def accepted(uid: str, device: str, *, now_s: int) -> Frame:
    """Return the answer to a log-in that is let in."""
    return _auth(uid, device, {"code": "200", "status": "OK", "timestamp": now_s * 1000})


def refused(uid: str, device: str, *, code: str, now_s: int) -> Frame:
    """Return the answer to a log-in that is not let in."""
    return _auth(uid, device, {"code": code, "status": "ERROR", "timestamp": now_s * 1000})


def _auth(uid: str, device: str, body: Frame) -> Frame:
    names = {"deviceId": device, "sender": uid, "receiver": "", "receiverType": ""}
    return {"type": AUTH, **names, "body": body}


def event(
    kind: str, body: Frame, *, sender: str, receiver: tuple[str, str], device: str = ""
) -> Frame:
    """Return a frame of this type; `receiver` is the type and the id of the receiver."""
    receiver_type, receiver_id = receiver
    return {
        "type": kind,
        "deviceId": device,
        "sender": sender,
        "receiver": receiver_id,
        "receiverType": receiver_type,
        "body": body,
    }
