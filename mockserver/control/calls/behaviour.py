"""The calls about how requests are answered: faults, dialect, delays, failures, limits."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from duologue.mockserver.control.calls.answers import Call, ResponseData
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.failures import HOW, WHICH, FailureRule
from duologue.mockserver.control.latency import Span
from duologue.mockserver.control.validation import ValidatedCall
from duologue.openapi import document


def get_faults(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the faults that are on, and all that exist."""
    del call
    available = [
        {"name": fault.name, "clause": fault.clause, "text": fault.text}
        for fault in controls.configuration_control.faults
    ]
    return {"on": list(controls.configuration_control.configuration.faults), "available": available}


def set_faults(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Switch on these faults and no others; return as `get_faults`."""
    controls.configuration_control.set_faults(call.body["faults"])
    return get_faults(controls, call)


def add_faults(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Switch on these faults as well; return as `get_faults`."""
    controls.configuration_control.set_faults(
        [*controls.configuration_control.configuration.faults, *call.body["faults"]]
    )
    return get_faults(controls, call)


def clear_faults(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Switch off all faults; return as `get_faults`."""
    controls.configuration_control.set_faults(())
    return get_faults(controls, call)


def get_dialect(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the dialect in force, and all that exist."""
    del call
    configuration_control = controls.configuration_control
    return {
        "dialect": configuration_control.configuration.dialect,
        "available": list(configuration_control.dialects),
    }


def set_dialect(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Change the dialect; return as `get_dialect`."""
    controls.configuration_control.set_dialect(call.body["dialect"])
    return get_dialect(controls, call)


def clear_dialect(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Answer in the dialect of the start; return the dialect in force."""
    controls.configuration_control.reset_dialect()
    return get_dialect(controls, call)


def get_latency(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the delays in force."""
    del call
    default, operations = controls.latency.default, controls.latency.operations
    return {
        "default": default and default._asdict(),
        "operations": {name: span._asdict() for name, span in operations.items()},
    }


def set_latency(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Replace the delays; return those in force."""
    details: dict[str, list[str]] = {}
    default = _span(call.body.get("default"), "default", details)
    operations = {}
    for name, delay in call.body.get("operations", {}).items():
        place = f"operations.{name}"
        if name not in _operation_ids():
            details[place] = ["No operation of the API has this id."]
        span = _span(delay, place, details)
        if span is not None:
            operations[name] = span
    if details:
        raise WrongInput(details)
    controls.delay(default, operations)
    return get_latency(controls, call)


def clear_latency(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove all delays; return the delays in force."""
    controls.delay(None, {})
    return get_latency(controls, call)


def _span(delay: Any, place: str, details: dict[str, list[str]]) -> Span | None:
    if delay is None:
        return None
    if "ms" in delay and len(delay) > 1:
        details[place] = ["Give either ms, or min_ms and max_ms."]
        return None
    span = Span(delay.get("min_ms", delay.get("ms")), delay.get("max_ms", delay.get("ms")))
    if span.min_ms > span.max_ms:
        details[place] = ["min_ms is more than max_ms."]
    return span


def list_failures(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the failures on demand, with how often each has matched and failed."""
    del call
    return [_failure(rule) for rule in controls.failures]


def add_failure(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Add a failure on demand; return it."""
    operation = call.body.get("operation")
    if operation is not None and operation not in _operation_ids():
        near = get_close_matches(operation, _operation_ids(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise WrongInput({"operation": [f"No operation of the API has this id.{hint}"]})
    others = [name for name in ("status", "half", "slow_ms") if call.body.get(name)]
    if call.body.get("drop") and others:
        raise WrongInput({"drop": [f"Nothing is answered then: leave out {' and '.join(others)}."]})
    return _failure(controls.failures.add(call.body))


def clear_failures(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove all failures on demand; return the empty list."""
    controls.failures.clear()
    return list_failures(controls, call)


def delete_failure(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove one failure on demand; return the others."""
    controls.failures.remove(call.path["id"])
    return list_failures(controls, call)


def _failure(rule: FailureRule) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": rule.id, "matched": rule.matched, "failed": rule.failed}
    fields |= {name: getattr(rule, name) for name in WHICH}
    return fields | {name: getattr(rule.failure, name) for name in HOW}


def get_rate_limit(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the rate limit; None without one."""
    del call
    found = controls.rate_limit
    return None if found is None else {"limit": found.limit, "per_s": found.per_s}


def set_rate_limit(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Set the rate limit; return it."""
    if call.body is None:
        controls.limit(None)
    else:
        controls.limit(call.body["limit"], call.body["per_s"])
    return get_rate_limit(controls, call)


def clear_rate_limit(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove the rate limit; return None."""
    controls.limit(None)
    return get_rate_limit(controls, call)


@cache
def _operation_ids() -> frozenset[str]:
    return frozenset(
        one.id for name in ("openapi", "stage", "client") for one in document.operations(name)
    )


CALLS: Mapping[str, Call] = {
    "getFaults": get_faults,
    "setFaults": set_faults,
    "addFaults": add_faults,
    "clearFaults": clear_faults,
    "getDialect": get_dialect,
    "setDialect": set_dialect,
    "clearDialect": clear_dialect,
    "getLatency": get_latency,
    "setLatency": set_latency,
    "clearLatency": clear_latency,
    "listFailures": list_failures,
    "addFailure": add_failure,
    "clearFailures": clear_failures,
    "deleteFailure": delete_failure,
    "getRateLimit": get_rate_limit,
    "setRateLimit": set_rate_limit,
    "clearRateLimit": clear_rate_limit,
}
