"""Explain an answer by replaying everything before it.

Only what was reproduced is reported: if the replay gives another answer, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from duologue.mockserver.control.configuration import ConfigurationControl
from duologue.mockserver.control.errors import Conflict
from duologue.mockserver.control.journal import journal_view, refusal_reasons, rule_docs
from duologue.mockserver.control.journal.change_log import Base, ChangeLog
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.why import history
from duologue.mockserver.control.why.asked import ignored
from duologue.mockserver.control.why.explain import Explainer
from duologue.mockserver.control.why.fields import Conversation, Fields, fields_of
from duologue.mockserver.control.why.history import ReplayedRequest
from duologue.mockserver.control.why.replay import Replay, ReplayRequest, json_value
from duologue.mockserver.domain.errors import AuthTokenNotFound, TooManyRequests
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.middleware import FailedOnDemand
from duologue.mockserver.store.snapshot import StateSnapshot
from duologue.openapi import document
from duologue.openapi.references import resolved

JsonObject = dict[str, Any]
_SEEN_BY = 3  # members of a group whose views are compared, its sender included
_GETS = {"user": ("getUserConversation", "uid"), "group": ("getGroupConversation", "guid")}
_OF_CONVERSATIONS = ("Conversation", "AsRead", "AsUnread", "AsDelivered")
_MOST_PER_PAGE = 1000  # where the document has no maximum
_REPLAYED = "Found by replaying {count} since {base}."
_NOT_REPRODUCED = (
    "Replaying the changes since {base} gave another answer, so nothing is claimed. This happens"
    " after concurrent requests, or with a fault that keeps a state of its own."
)
_SESSIONS = "A session ends by calls of the control plane, too, which are not replayed."
_NO_STATE = "The request reached no operation, so no state was read."


def why(
    entry: JournalEntry,
    *,
    change_log: ChangeLog,
    configuration_control: ConfigurationControl,
    dispatcher: Dispatcher,
) -> JsonObject:
    """Explain why a request was answered as it was; raise Conflict if that is no longer known."""
    if entry.operation_id is None or _is_rejected_early(entry):
        return _result(entry, note=_NO_STATE, fields=_without_operation(entry))
    if not configuration_control.is_repeatable:
        raise Conflict(
            "This mock runs with behaviours that are not a dialect's, such as variants; they may"
            " keep a state of their own, so a replay would change it."
        )
    if entry.answer_body is None or entry.body is None:
        raise Conflict("This request or its answer was large and is no longer kept.")
    known = change_log.before(entry)
    if known is None:
        raise Conflict(
            "The state at the time of this request is no longer known: it was replaced since, or"
            " changed too often, or existed before the mock started. POST /_mock/reset starts a"
            " new change log."
        )
    base, changes = known
    with closing(
        Replay(base, configuration_control=configuration_control, of=dispatcher)
    ) as replay:
        return _Inquiry(
            entry, base, replay=replay, configuration_control=configuration_control
        ).explain(changes)


class _Inquiry:
    """Explains one request by a replay."""

    def __init__(
        self,
        entry: JournalEntry,
        base: Base,
        *,
        replay: Replay,
        configuration_control: ConfigurationControl,
    ) -> None:
        self._entry = entry
        self._base = base
        self._replay = replay
        self._configuration_control = configuration_control
        self._request = ReplayRequest.of(entry)

    def explain(self, earlier: list[JournalEntry]) -> JsonObject:
        """Return the explanation, given the changes before the request."""
        entry, read_fields = self._entry, self._field_reader()
        found = history.replay_history(self._replay, earlier, read_fields)
        before = self._replay.snapshot()
        healthy = self._healthy(before)
        response, recording = self._replay.do(self._request)
        if response.outcome != (entry.status, json_value(entry.answer_body)):
            if isinstance(entry.problem, AuthTokenNotFound):
                return _result(entry, note=_SESSIONS, fields=_without_operation(entry))
            return _result(entry, note=_NOT_REPRODUCED.format(base=self._base.by), is_exact=False)
        own = ReplayedRequest(entry, recording)
        if entry.writes:
            found.changes.append(own)
            found.record(read_fields(), own)
        explainer = Explainer(
            self._configuration_control, self._base, found, own, response, healthy
        )
        count = f"{len(earlier)} change{'s' * (len(earlier) != 1)}"
        return _result(
            entry,
            note=_REPLAYED.format(count=count, base=self._base.by),
            fields=explainer.fields(),
            changes=[*self._changes_made(explainer, own, before)] if entry.writes else [],
        )

    def _field_reader(self) -> Callable[[], Fields]:
        """Return a function that reads, after each change, the fields that the answer shows."""
        ask, request = self._replay.ask, self._observed_request()
        if request.operation_id != "listConversations" or not request.caller:
            return lambda: fields_of(ask(request))
        # All rows of the list have a history, also those hidden by filters and pages.
        rows = replace(request, query=f"perPage={_most_per_page()}&withTags=true")
        return lambda: (
            fields_of(ask(rows))
            | {
                name: value
                for name, value in fields_of(ask(request)).items()
                if not name.startswith("data[")
            }
        )

    def _observed_request(self) -> ReplayRequest:
        """Return the request to ask after each change: the request, or a GET of its subject."""
        request, params = self._request, self._entry.params
        if request.method in {"GET", "HEAD"}:
            return request
        if "conversationId" in params:
            return request.replaced_by("getConversation", request.caller, **params)
        for operation_id, name in _GETS.values():
            if name in params and request.operation_id.endswith(_OF_CONVERSATIONS):
                return request.replaced_by(operation_id, request.caller, **{name: params[name]})
        return request.replaced_by("listConversations", request.caller)

    def _healthy(self, before: StateSnapshot) -> Fields | None:
        """Return what would have been answered without faults; None if no fault was on."""
        if not self._entry.configuration.faults:
            return None
        response = self._replay.answer_without_faults(self._request)
        self._replay.restore(before)
        return fields_of(response, whole=True)

    def _changes_made(
        self, explainer: Explainer, own: ReplayedRequest, before: StateSnapshot
    ) -> Iterator[JsonObject]:
        """Yield what the request changed, for each user that it affected."""
        viewers = [*dict.fromkeys(self._viewers(own))]
        after = [self._view(one) for one in viewers]
        self._replay.restore(before)
        for one, now in zip(viewers, after, strict=True):
            yield from explainer.changes(self._view(one), now, one)

    def _viewers(self, own: ReplayedRequest) -> Iterator[Conversation]:
        for owner, kind, peer in own.conversations():
            yield Conversation(owner, kind, peer)
            if kind == "user":
                yield Conversation(peer, kind, owner)
            else:
                members = self._replay.members(peer, _SEEN_BY)
                yield from (Conversation(uid, kind, peer) for uid in members if uid != owner)

    def _view(self, one: Conversation) -> Fields:
        operation_id, name = _GETS[one.kind]
        request = self._request.replaced_by(operation_id, one.owner, **{name: one.peer})
        response = self._replay.ask(request)
        return fields_of(response) if response.status == 200 else {}


def _is_rejected_early(entry: JournalEntry) -> bool:
    """Return whether the request was refused before it reached an operation."""
    return isinstance(entry.problem, TooManyRequests | FailedOnDemand) and entry.raised_in is None


def _without_operation(entry: JournalEntry) -> list[JsonObject]:
    """Return the only field of an answer that no operation gave."""
    reason = refusal_reasons.reason_of(entry)
    code = journal_view.code_of(entry)
    text = f"error.code is {code}. {reason.text}" if reason else f"The answer is {entry.status}."
    return [
        {
            "field": "error.code" if code else "status",
            "value": code or entry.status,
            "absent": False,
            "rule": None,
            "says": rule_docs.first_line(type(entry.problem)) if entry.problem else None,
            "source": None,
            "citations": [],
            "clause": reason.clause if reason else None,
            "because": [],
            "history": [],
            "kept": [],
            "text": text,
        }
    ]


def _result(
    entry: JournalEntry,
    *,
    note: str,
    fields: Sequence[JsonObject] = (),
    changes: Sequence[JsonObject] = (),
    is_exact: bool = True,
) -> JsonObject:
    return {
        "request": journal_view.entry(entry, bodies=False),
        "exact": is_exact,
        "note": note,
        "fields": [*fields, *ignored(entry)],
        "changes": list(changes),
    }


def _most_per_page() -> int:
    """Return how many rows a page of the list may have by the document in use."""
    whole = document.load()
    for each in whole["paths"]["/conversations"]["get"].get("parameters", ()):
        parameter = resolved(whole, each)
        if parameter.get("name") == "perPage":
            schema = resolved(whole, parameter["schema"])
            return int(schema.get("maximum", _MOST_PER_PAGE))
    return _MOST_PER_PAGE
