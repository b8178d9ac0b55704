"""The calls about what users do and how they are connected."""

from __future__ import annotations

from collections.abc import Mapping

from duologue.mockserver.control.calls.answers import Call, ResponseData
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.sending import messages, people
from duologue.mockserver.control.validation import ValidatedCall


def send(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Send a message now or later; return it."""
    return messages.send(controls, call.body)


def list_sends(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the messages that are not sent yet."""
    del call
    return [messages.shown(message) for message in controls.scheduler]


def clear_sends(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Send none of the messages that wait; return the empty list."""
    controls.scheduler.clear()
    return list_sends(controls, call)


def delete_send(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Do not send one message that waits; return the others."""
    controls.scheduler.remove(call.path["id"])
    return list_sends(controls, call)


def set_presence(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Set a user's status and time of last activity; return the user."""
    return people.set_presence(controls, call.body)


def clear_presence(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Set a user, or everybody, offline; return whose status has changed."""
    return {"offline": people.clear_presence(controls, call.query.get("uid"))}


def expire_sessions(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Revoke the tokens of a user, or of everybody; return whose."""
    return {"expired": people.expire_sessions(controls, call.query.get("uid"))}


CALLS: Mapping[str, Call] = {
    "send": send,
    "listSends": list_sends,
    "clearSends": clear_sends,
    "deleteSend": delete_send,
    "setPresence": set_presence,
    "clearPresence": clear_presence,
    "expireSessions": expire_sessions,
}
