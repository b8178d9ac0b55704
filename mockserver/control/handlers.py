"""Handlers of the control document's operations, by operationId."""

from __future__ import annotations

from collections.abc import Mapping

from duologue.mockserver.control.calls import behaviour, clock, history, people, state
from duologue.mockserver.control.calls.answers import Call
from duologue.mockserver.control.socket import calls as socket_calls

CALLS: Mapping[str, Call] = {
    **state.CALLS,
    **clock.CALLS,
    **behaviour.CALLS,
    **people.CALLS,
    **history.CALLS,
    **socket_calls.CALLS,
}
