"""Handlers of the control document's operations, by operationId."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from flask import request

from duologue.mockserver.control.clock import LATEST
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.events.stream import Stream
from duologue.mockserver.control.failures import HOW, WHICH, FailureRule
from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.control.latency import Span
from duologue.mockserver.control.sending import messages, people
from duologue.mockserver.control.snapshots import Snapshot
from duologue.mockserver.control.socket import calls as socket_calls
from duologue.mockserver.control.validation import JSON, YAML, ValidatedCall
from duologue.mockserver.control.world.doubts import doubts
from duologue.mockserver.control.world.schema import schema
from duologue.openapi import document

ResponseData = Any
MOST_NOTES = 20


class EventStream(NamedTuple):
    """A response body that is sent as events happen."""

    stream: Stream


class PlainDocument(NamedTuple):
    """A response body that is sent without an envelope."""

    content_type: str
    body: Any


def get_health(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return that the mock is up; raise StateUnavailable if its state is not."""
    del call
    controls.state.check()
    return {"status": "ok"}


def reset(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Restore everything to the start; return what the mock holds then."""
    del call
    controls.reset()
    return {"world": controls.state.world}


def get_world(controls: Controls, call: ValidatedCall) -> ResponseData | PlainDocument:
    """Return the whole state."""
    world, form = controls.state.to_document(), call.query.get("format")
    if form == "yaml":
        from duologue.mockserver.control.world.yaml import to_yaml  # noqa: PLC0415  few starts need YAML

        return PlainDocument(YAML, to_yaml(world))
    return PlainDocument(JSON, world) if form == "json" else world


def put_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Replace the state by a document; return what the mock holds then and what is unusual."""
    controls.begin_epoch()
    controls.state.replace(call.body)
    notes = [f"{doubt.place}: {doubt.text}" for doubt in islice(doubts(call.body), MOST_NOTES)]
    return controls.state.summary()._asdict() | ({"notes": notes} if notes else {})


def get_world_schema(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return the JSON Schema of the world document."""
    del controls, call
    return PlainDocument(JSON, schema())


def list_snapshots(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return all snapshots."""
    del call
    return {"snapshots": [_snapshot(one) for one in controls.state.snapshots]}


def save_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Save a snapshot; return all of them."""
    controls.state.save(call.body["name"])
    return list_snapshots(controls, call)


def restore_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Restore a snapshot; return what the mock holds then."""
    controls.begin_epoch()
    return _snapshot(controls.state.restore(call.path["name"]))


def delete_snapshot(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Delete a snapshot; return the others."""
    controls.state.snapshots.delete(call.path["name"])
    return list_snapshots(controls, call)


def list_worlds(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the worlds beside the mock's own."""
    del call
    return [{"name": one.name, "from": one.made_from} for one in controls.worlds]


def add_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Make a world from a named one; return all of them."""
    body = call.body
    controls.worlds.add(body["name"], body.get("from"), seed=body.get("seed"))
    return list_worlds(controls, call)


def clear_worlds(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove all worlds beside the mock's own; return the empty list."""
    controls.worlds.close()
    return list_worlds(controls, call)


def delete_world(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove one world; return the others."""
    controls.worlds.remove(call.path["name"])
    return list_worlds(controls, call)


# --- time -----------------------------------------------------------------------------------------


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
    if controls.clock.now() + seconds > LATEST:
        raise WrongInput({"seconds": [f"That is beyond {LATEST}, the end of the year 9999."]})
    controls.clock.advance(seconds)
    controls.scheduler.clock_has_changed()
    return get_clock(controls, call)


def clear_clock(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Let the clock run as at the start; return its state."""
    controls.clock.restore()
    controls.scheduler.clock_has_changed()
    return get_clock(controls, call)


# --- latency and faults ---------------------------------------------------------------------------


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


def clear_rate_limit(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Remove the rate limit; return None."""
    controls.limit(None)
    return get_rate_limit(controls, call)


def clear_dialect(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Answer in the dialect of the start; return the dialect in force."""
    controls.configuration_control.reset_dialect()
    return get_dialect(controls, call)


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


# --- messages of the mock's own, and events -------------------------------------------------------


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


def stream_events(controls: Controls, call: ValidatedCall) -> EventStream:
    """Return the events after the last one that the caller has seen, and those to come."""
    last_id = call.query.get("last_event_id") or request.headers.get("Last-Event-ID")
    return EventStream(
        controls.streams.open(last_id, with_requests=call.query.get("requests", False))
    )


# --- the journal ----------------------------------------------------------------------------------


def list_journal(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return the journal entries that the query selects."""
    return controls.journal_entries(**call.query)


def clear_journal(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Clear the journal; return the empty list."""
    del call
    controls.journal.clear()
    return []


def get_journal_entry(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Return one journal entry."""
    return journal_view.entry(controls.entry(call.path["requestId"]))


def explain_answer(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Explain an answer, field by field."""
    return controls.why(call.path["requestId"])


# --- documents ------------------------------------------------------------------------------------


def get_control_document(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return the document of the control plane."""
    del controls, call
    return PlainDocument(JSON, document.load("control"))


def get_document(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return a document of the API as the mock uses it."""
    name = {"api": "openapi"}.get(call.path["document"], call.path["document"])
    return PlainDocument(JSON, controls.document(name))


CALLS: Mapping[str, Callable[[Controls, ValidatedCall], ResponseData]] = {
    "getHealth": get_health,
    "reset": reset,
    "getWorld": get_world,
    "putWorld": put_world,
    "getWorldSchema": get_world_schema,
    "listSnapshots": list_snapshots,
    "saveSnapshot": save_snapshot,
    "restoreSnapshot": restore_snapshot,
    "deleteSnapshot": delete_snapshot,
    "listWorlds": list_worlds,
    "addWorld": add_world,
    "clearWorlds": clear_worlds,
    "deleteWorld": delete_world,
    "getClock": get_clock,
    "setClock": set_clock,
    "advanceClock": advance_clock,
    "clearClock": clear_clock,
    "clearDialect": clear_dialect,
    "clearLatency": clear_latency,
    "clearRateLimit": clear_rate_limit,
    "getFaults": get_faults,
    "setFaults": set_faults,
    "addFaults": add_faults,
    "clearFaults": clear_faults,
    "getDialect": get_dialect,
    "setDialect": set_dialect,
    "getLatency": get_latency,
    "setLatency": set_latency,
    "listFailures": list_failures,
    "addFailure": add_failure,
    "clearFailures": clear_failures,
    "deleteFailure": delete_failure,
    "getRateLimit": get_rate_limit,
    "setRateLimit": set_rate_limit,
    "send": send,
    "listSends": list_sends,
    "clearSends": clear_sends,
    "deleteSend": delete_send,
    "setPresence": set_presence,
    "clearPresence": clear_presence,
    "expireSessions": expire_sessions,
    "streamEvents": stream_events,
    "listJournal": list_journal,
    "clearJournal": clear_journal,
    "getJournalEntry": get_journal_entry,
    "explainAnswer": explain_answer,
    "getControlDocument": get_control_document,
    "getDocument": get_document,
    **socket_calls.CALLS,
}


def _snapshot(one: Snapshot) -> ResponseData:
    return {"name": one.name, "at": one.at, "world": one.world}


@cache
def _operation_ids() -> frozenset[str]:
    return frozenset(
        one.id for name in ("openapi", "stage", "client") for one in document.operations(name)
    )


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
