"""The calls of the control plane about the socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.socket.faults import NO_FAULTS, SocketFaults

if TYPE_CHECKING:
    from duologue.mockserver.control.validation import ValidatedCall


def get_socket(controls: Controls, call: ValidatedCall) -> Any:
    """Return the clients that are connected, and the faults in force."""
    del call
    clients = [
        {"uid": one.uid, "device": one.device, "presence": one.subscription}
        for one in controls.socket.clients
    ]
    return {"connections": clients, "faults": controls.socket.faults._asdict()}


def cut_socket(controls: Controls, call: ValidatedCall) -> Any:
    """Cut the connections of a user, or all; return the users."""
    return {"cut": controls.socket.cut(call.query.get("uid"))}


def set_socket_faults(controls: Controls, call: ValidatedCall) -> Any:
    """Replace the faults of the socket; return those in force."""
    controls.socket.faults = SocketFaults(**call.body)
    return controls.socket.faults._asdict()


def clear_socket_faults(controls: Controls, call: ValidatedCall) -> Any:
    """Remove the faults of the socket; return those in force, which are none."""
    del call
    controls.socket.faults = NO_FAULTS
    return controls.socket.faults._asdict()


CALLS: Mapping[str, Callable[[Controls, ValidatedCall], Any]] = {
    "getSocket": get_socket,
    "cutSocket": cut_socket,
    "setSocketFaults": set_socket_faults,
    "clearSocketFaults": clear_socket_faults,
}
