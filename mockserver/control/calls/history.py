"""The calls about what has happened, and about the documents."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from duologue.mockserver.control.calls.answers import (
    Call,
    EventStream,
    PlainDocument,
    ResponseData,
)
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.control.validation import JSON, ValidatedCall
from duologue.openapi import document


def stream_events(controls: Controls, call: ValidatedCall) -> EventStream:
    """Return the events after the last one that the caller has seen, and those to come."""
    last_id = call.query.get("last_event_id") or request.headers.get("Last-Event-ID")
    return EventStream(
        controls.streams.open(last_id, with_requests=call.query.get("requests", False))
    )


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
    return journal_view.with_sent(controls.entry(call.path["requestId"]))


def explain_answer(controls: Controls, call: ValidatedCall) -> ResponseData:
    """Explain an answer, field by field."""
    return controls.why(call.path["requestId"])


def get_control_document(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return the document of the control plane."""
    del controls, call
    return PlainDocument(JSON, document.load("control"))


def get_document(controls: Controls, call: ValidatedCall) -> PlainDocument:
    """Return a document of the API as the mock uses it."""
    name = {"api": "openapi"}.get(call.path["document"], call.path["document"])
    return PlainDocument(JSON, controls.document(name))


CALLS: Mapping[str, Call] = {
    "streamEvents": stream_events,
    "listJournal": list_journal,
    "clearJournal": clear_journal,
    "getJournalEntry": get_journal_entry,
    "explainAnswer": explain_answer,
    "getControlDocument": get_control_document,
    "getDocument": get_document,
}
