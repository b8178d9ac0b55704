"""Explaining an answer: replay everything before it, then explain it.

Only what was seen is reported: where the replay gives another answer, nothing is claimed.
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
from duologue.mockserver.control.journal.journal import Entry
from duologue.mockserver.control.why import history
from duologue.mockserver.control.why.explain import Explainer
from duologue.mockserver.control.why.fields import Conversation, Fields, take_apart
from duologue.mockserver.control.why.history import Change
from duologue.mockserver.control.why.replay import Replay, ReplayQuestion, said
from duologue.mockserver.domain.errors import TooManyRequests
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.store.snapshot import StateSnapshot

JsonObject = dict[str, Any]
_SEEN_BY = 3  # members of a group in whose eyes a message is told of, its sender included
_GETS = {"user": ("getUserConversation", "uid"), "group": ("getGroupConversation", "guid")}
_OF_CONVERSATIONS = ("Conversation", "AsRead", "AsUnread", "AsDelivered")
_EVERY_ROW = "perPage=1000&withTags=true"
_DONE_AGAIN = "Found by doing again {count} since {base}."
_OTHERWISE = (
    "Doing again what was done since {base} gave another answer, so nothing is claimed. It happens"
    " where requests came at the same time, or where a fault answers by what it remembers."
)
_NO_STATE = "No operation was reached, so no state was looked at."


def why(
    entry: Entry,
    *,
    change_log: ChangeLog,
    configuration_control: ConfigurationControl,
    dispatcher: Dispatcher,
) -> JsonObject:
    """Explain why a request was answered as it was; raise Conflict if that is no longer known."""
    if entry.operation_id is None or _is_turned_away(entry):
        return _told(entry, note=_NO_STATE, fields=_outside(entry))
    if not configuration_control.can_be_repeated:
        raise Conflict(
            "This mock was put together from parts that are no dialect's, as variants are; what"
            " they remember cannot be repeated without disturbing them."
        )
    if entry.answer_body is None or entry.body is None:
        raise Conflict("This exchange was large, and there is no room to keep it any longer.")
    known = change_log.before(entry)
    if known is None:
        raise Conflict(
            "What the state was at the time of this request is no longer known: it was replaced"
            " since, or changed too often, or was there before the mock. POST /_mock/reset begins"
            " anew."
        )
    base, changes = known
    with closing(
        Replay(base, configuration_control=configuration_control, of=dispatcher)
    ) as replay:
        return _Inquiry(
            entry, base, replay=replay, configuration_control=configuration_control
        ).told(changes)


class _Inquiry:
    """The explanation of one request, under way."""

    def __init__(
        self,
        entry: Entry,
        base: Base,
        *,
        replay: Replay,
        configuration_control: ConfigurationControl,
    ) -> None:
        self._entry = entry
        self._base = base
        self._replica = replay
        self._configuration_control = configuration_control
        self._question = ReplayQuestion.of(entry)

    def told(self, earlier: list[Entry]) -> JsonObject:
        """Return the explanation, given the changes before the request."""
        entry, look = self._entry, self._look()
        told = history.tell(self._replica, earlier, look)
        before = self._replica.kept()
        healthy = self._healthy(before)
        heard, recording = self._replica.do(self._question)
        if heard.says != (entry.status, said(entry.answer_body)):
            return _told(entry, note=_OTHERWISE.format(base=self._base.by), is_exact=False)
        own = Change(entry, recording)
        if entry.writes:
            told.changes.append(own)
            told.hear(look(), own)
        explainer = Explainer(self._configuration_control, self._base, told, own, heard, healthy)
        count = f"{len(earlier)} change{'s' * (len(earlier) != 1)}"
        return _told(
            entry,
            note=_DONE_AGAIN.format(count=count, base=self._base.by),
            fields=explainer.fields(),
            changes=[*self._made(explainer, own, before)] if entry.writes else [],
        )

    def _look(self) -> Callable[[], Fields]:
        """Return a function that reads, after each change, the fields that the answer shows."""
        ask, question = self._replica.ask, self._looked_at()
        if question.operation_id != "listConversations" or not question.caller:
            return lambda: take_apart(ask(question))
        # The rows of a list have a story whether or not filters and pages let them be seen.
        rows = replace(question, query=_EVERY_ROW)
        return lambda: (
            take_apart(ask(rows))
            | {
                name: value
                for name, value in take_apart(ask(question)).items()
                if not name.startswith("data[")
            }
        )

    def _looked_at(self) -> ReplayQuestion:
        """Return the question to ask after each change: the request, or a GET of its subject."""
        question, params = self._question, self._entry.params
        if question.method in {"GET", "HEAD"}:
            return question
        if "conversationId" in params:
            return question.instead("getConversation", question.caller, **params)
        for operation_id, name in _GETS.values():
            if name in params and question.operation_id.endswith(_OF_CONVERSATIONS):
                return question.instead(operation_id, question.caller, **{name: params[name]})
        return question.instead("listConversations", question.caller)

    def _healthy(self, before: StateSnapshot) -> Fields | None:
        """Return what would have been answered without faults; None if no fault was on."""
        if not self._entry.configuration.faults:
            return None
        heard = self._replica.means(self._question)
        self._replica.back(before)
        return take_apart(heard, whole=True)

    def _made(
        self, explainer: Explainer, own: Change, before: StateSnapshot
    ) -> Iterator[JsonObject]:
        """Yield what the request changed, for each user whom it was about."""
        eyes = [*dict.fromkeys(self._eyes(own))]
        after = [self._view(one) for one in eyes]
        self._replica.back(before)
        for one, now in zip(eyes, after, strict=True):
            yield from explainer.changes(self._view(one), now, one)

    def _eyes(self, own: Change) -> Iterator[Conversation]:
        for owner, kind, peer in own.conversations():
            yield Conversation(owner, kind, peer)
            if kind == "user":
                yield Conversation(peer, kind, owner)
            else:
                members = self._replica.members(peer, _SEEN_BY)
                yield from (Conversation(uid, kind, peer) for uid in members if uid != owner)

    def _view(self, one: Conversation) -> Fields:
        operation_id, name = _GETS[one.kind]
        question = self._question.instead(operation_id, one.owner, **{name: one.peer})
        heard = self._replica.ask(question)
        return take_apart(heard) if heard.status == 200 else {}


def _is_turned_away(entry: Entry) -> bool:
    """Return whether the request was refused before it reached an operation."""
    return isinstance(entry.problem, TooManyRequests) and entry.raised_in is None


def _outside(entry: Entry) -> list[JsonObject]:
    """Return the one field of an answer that no operation gave."""
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


def _told(
    entry: Entry,
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
        "fields": list(fields),
        "changes": list(changes),
    }
