"""The calls about the time."""

from __future__ import annotations

from collections.abc import Mapping

from duologue.mockserver.control.calls.answers import Call, ResponseData
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.validation import ValidatedCall
from duologue.mockserver.domain.limits import LATEST_S


def get_clock(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the clock's state."""
    del call
    return {"mode": controls.clock.mode, "now": controls.clock.now()}


def set_clock(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Freeze, run or set the clock; return its state."""
    clock, now = controls.clock, call.body.get("now")
    if call.body.get("mode", clock.mode) == "frozen":
        clock.freeze(now)
    else:
        clock.run(now)
    controls.scheduler.clock_has_changed()
    return get_clock(controls, call)


def advance_clock(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Advance the clock; return its state."""
    seconds = call.body["seconds"]
    if controls.clock.now() + seconds > LATEST_S:
        raise WrongInput({"seconds": [f"That is beyond {LATEST_S}, the end of the year 4999."]})
    controls.clock.advance(seconds)
    controls.scheduler.clock_has_changed()
    return get_clock(controls, call)


def clear_clock(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Let the clock run as at the start; return its state."""
    controls.clock.restore()
    controls.scheduler.clock_has_changed()
    return get_clock(controls, call)


CALLS: Mapping[str, Call] = {
    "getClock": get_clock,
    "setClock": set_clock,
    "advanceClock": advance_clock,
    "clearClock": clear_clock,
}
