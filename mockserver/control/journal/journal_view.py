"""Journal entries as JSON and text for people and tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.refusal_reasons import reason_of
from duologue.mockserver.http.traffic.bounds import is_too_deep

JsonObject = dict[str, Any]
_LEFT_OUT = object()  # a body that was not chosen_filters for


def entry(one: JournalEntry, *, bodies: bool = True) -> JsonObject:
    """Return one request and its answer as JSON."""
    reason = reason_of(one)
    return {
        "id": one.id,
        "at": one.at,
        "method": one.method,
        "path": one.path,
        "query": one.query,
        "operation": one.operation_id,
        "caller": one.caller,
        "status": one.status,
        "duration_ms": round(one.took_ns / 1e6, 3),
        "code": code_of(one),
        "reason": reason.text if reason else None,
        "clause": reason.clause if reason else None,
        "dialect": one.configuration.dialect,
        "faults": list(one.configuration.faults),
        "request": _side(one.given(), _sent_value(one.body) if bodies else _LEFT_OUT),
        "response": _side(one.answer_headers, value_of(one.answer_body) if bodies else _LEFT_OUT),
    }


def chosen(entries: Iterable[JournalEntry], *, wanted: dict[str, Any]) -> list[JournalEntry]:
    """Return the entries that a query selects; `limit` keeps the newest."""
    filters: dict[str, Callable[[JournalEntry, Any], bool]] = {
        "operation": lambda one, name: one.operation_id == name,
        "caller": lambda one, uid: one.caller == uid,
        "status": _is_of_status,
    }
    chosen_filters = [(filters[name], value) for name, value in wanted.items() if name in filters]
    found = [one for one in entries if all(fits(one, value) for fits, value in chosen_filters)]
    return found[-wanted["limit"] :] if "limit" in wanted else found


def value_of(body: Any) -> Any:
    """Return a body's JSON value; None for no body, a note for a body that is not JSON."""
    if body is None:
        return {"text": "(too large, no longer kept)"}
    if not isinstance(body, bytes | str):
        return {"text": "(a stream)"}
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _no_json(body)


def with_sent(one: JournalEntry) -> JsonObject:
    """Return one request as `entry`, and its body as it was sent: as JSON numbers lose digits."""
    shown = entry(one)
    shown["request"]["sent"] = None if one.body is None else _text(one.body)
    return shown


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _side(headers: Iterable[tuple[str, str]], body: Any) -> JsonObject:
    side: JsonObject = {"headers": dict(headers)}
    return side if body is _LEFT_OUT else side | {"body": body}


def _sent_value(body: bytes | None) -> Any:
    """Return a request's body as `value_of`; as text if it nests too deep to be written as JSON."""
    return _no_json(body) if body is not None and is_too_deep(body) else value_of(body)


def _no_json(body: bytes | str) -> JsonObject:
    if isinstance(body, str):
        return {"text": body}
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"bytes": len(body)}


def code_of(one: JournalEntry) -> str | None:
    """Return the error code of the answer; None for a success."""
    if one.status < 400:
        return None
    body = value_of(one.answer_body)
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None


def _is_of_status(one: JournalEntry, wanted: str) -> bool:
    return str(one.status).startswith(wanted.rstrip("x"))
