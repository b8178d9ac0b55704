"""The explanation of one answer, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from duologue.mockserver.control.configuration import Configuration, ConfigurationControl
from duologue.mockserver.control.journal import refusal_reasons, rule_docs
from duologue.mockserver.control.journal.change_log import Base
from duologue.mockserver.control.why import phrasing, rules
from duologue.mockserver.control.why.asked import NO_RULE, clause_of_operation, rule_fields
from duologue.mockserver.control.why.fields import (
    MISSING,
    Conversation,
    Fields,
    conversations,
    fields_of,
    property_of,
)
from duologue.mockserver.control.why.history import FieldValue, History, ReplayedRequest
from duologue.mockserver.control.why.replay import ReplayedResponse
from duologue.mockserver.domain.ids import fold

JsonObject = dict[str, Any]
_FAULT = "fault "


@dataclass(frozen=True, slots=True)
class Explainer:
    """What is known about one answer after everything was replayed."""

    configuration_control: ConfigurationControl
    base: Base
    history: History
    own: ReplayedRequest  # the explained request, replayed
    response: ReplayedResponse
    healthy: Fields | None  # what would have been answered without faults; None without any

    @property
    def configuration(self) -> Configuration:
        """Return the configuration in force when it was answered."""
        return self.own.entry.configuration

    def fields(self) -> list[JsonObject]:
        """Explain every field of the answer, and the filters that selected the rows of a list."""
        shown = conversations(self.response, fold(self.own.entry.caller or ""))
        fields = [
            self._field(name, value, _conversation_of(name, shown))
            for name, value in fields_of(self.response).items()
        ]
        return [*fields, *self._filters()]

    def _field(self, name: str, value: Any, of: Conversation | None) -> JsonObject:
        values = self._values(name, value)
        last = values[0].change if values else None
        decided = self._decided(name, value, last, of)
        return {
            "field": name,
            "value": None if value is MISSING else value,
            "absent": value is MISSING,
            **decided,
            "because": [one.change.entry.id for one in values if one.change],
            "history": [self._value_entry(one) for one in values],
            "kept": [*self._kept(name, last, of)] if of else [],
            "text": self._text(name, value, values) + _on_faults(decided),
        }

    def _values(self, name: str, value: Any) -> list[FieldValue]:
        """Return the values of a field, newest first; none if the replay gave another value."""
        values = self.history.of(name)
        if values[0].value == value:
            return values
        return [FieldValue(value, self.own)] if self.own.entry.writes else []

    def _text(self, name: str, value: Any, values: list[FieldValue]) -> str:
        reason = refusal_reasons.reason_of(self.own.entry) if name == "error.code" else None
        if reason is not None and len(values) < 2:
            return f"{name} is {phrasing.value(value)}. {reason.text}"
        if not values or (property_of(name) in rules.NAMES and values[0].change is None):
            return f"{name} is {phrasing.value(value)}."
        sentence = phrasing.sentence(name, values, self.base.by, own=self.own)
        return f"{sentence} {reason.text}" if reason else sentence

    def _value_entry(self, one: FieldValue) -> JsonObject:
        return {
            "value": None if one.value is MISSING else one.value,
            "request": one.change.entry.id if one.change else None,
            "by": phrasing.by(one, self.base.by),
        }

    # Which rule decided.

    def _decided(
        self, name: str, value: Any, last: ReplayedRequest | None, of: Conversation | None
    ) -> JsonObject:
        if name.startswith("error."):
            return self._refused(name, value)
        if self._is_faulty(name, value):
            return self._faulty(self.configuration.faults)
        kind = of.kind if of else None
        if last is None:
            return self._unchanged(name, value, kind)
        return self._by_change(name, last, kind)

    def _by_change(self, name: str, change: ReplayedRequest, kind: str | None) -> JsonObject:
        configuration = change.entry.configuration
        # A message has an updatedAt, too, to which the table does not apply.
        row = self._row(name, change) if kind else None
        if not change.entry.writes:  # only a fault lets reading change anything
            return self._faulty(configuration.faults)
        if row is None:
            clause = clause_of_operation(change.entry.operation_id)
            return self._by_behaviour(change.effect, clause, configuration, kind)
        clause = row.with_message if change.names_a_message else None
        return self._by_behaviour(row.behaviour, clause or row.clause, configuration, kind)

    def _row(self, name: str, change: ReplayedRequest) -> rules.RuleRow | None:
        """Return the row of the rule table that fits the recorded behaviours."""
        return next(
            (
                row
                for row in rules.CHANGED.get(property_of(name), ())
                if change.recording.has(row.effect)
                and (change.recording.has(row.behaviour) or self.own.recording.has(row.behaviour))
            ),
            None,
        )

    def _unchanged(self, name: str, value: Any, kind: str | None) -> JsonObject:
        prop = property_of(name)
        if prop == "conversationWith":
            clause = rules.CONVERSATION_WITH.get(kind or "")
            return self._by_behaviour("show_conversation_with", clause, self.configuration, kind)
        if prop == "lastMessage" and value is MISSING:
            return self._by_behaviour(
                "shown_message", self._clause_without_message(kind), self.configuration, kind
            )
        behaviour, clause = rules.UNCHANGED.get(prop, (None, None))
        return self._by_behaviour(behaviour, clause, self.configuration, kind)

    def _clause_without_message(self, kind: str | None) -> str | None:
        seen = [call.args[0] for call in self.own.recording.of("shown_message")]
        if len(seen) == 1 and seen[0] is not None:
            return rules.DELETED
        return rules.NEW_GROUP if kind == "group" else None

    def _by_behaviour(
        self,
        behaviour: str | None,
        clause: str | None,
        configuration: Configuration,
        kind: str | None,
    ) -> JsonObject:
        if behaviour is None:
            return {**NO_RULE, "clause": None}
        at_fault = self._faults_in(behaviour, configuration)
        if at_fault:
            return self._faulty(at_fault)
        found = rule_docs.of(
            getattr(self.configuration_control.behaviours(configuration)[1], behaviour)
        )
        return {**rule_fields(found), "clause": clause.format(kind=kind) if clause else None}

    def _refused(self, name: str, value: Any) -> JsonObject:
        reason = refusal_reasons.reason_of(self.own.entry)
        if self._is_faulty(name, value):
            return self._faulty(self.configuration.faults)
        if reason is None:
            return {**NO_RULE, "clause": None}
        clause = reason.clause
        place = name.partition("error.details.")[2]
        if place:
            clause = refusal_reasons.clause_of_details({place: value})
        return {**(rule_fields(reason.rule) if reason.rule else NO_RULE), "clause": clause}

    # Faults.

    def _is_faulty(self, name: str, value: Any) -> bool:
        """Return whether a mock without faults would have answered differently here."""
        if self.healthy is None:
            return False
        whole = fields_of(self.response, whole=True)
        return bool(self.healthy.get(name, MISSING) != whole.get(name, value))

    def _faults_in(self, behaviour: str, configuration: Configuration) -> tuple[str, ...]:
        """Return the faults of a configuration that replace a behaviour."""
        if not configuration.faults:
            return ()
        healthy = self.configuration_control.behaviours(configuration._replace(faults=()))[1]
        return tuple(
            name
            for name in configuration.faults
            if getattr(
                self.configuration_control.behaviours(configuration._replace(faults=(name,)))[1],
                behaviour,
            )
            is not getattr(healthy, behaviour)
        )

    def _faulty(self, names: tuple[str, ...]) -> JsonObject:
        known = {fault.name: fault for fault in self.configuration_control.faults}
        found = [known[name] for name in names]
        return {
            "rule": ", ".join(f"{_FAULT}{fault.name}" for fault in found) or None,
            "says": " ".join(fault.text for fault in found) or None,
            "source": None,
            "citations": [],
            "clause": found[0].clause if found else None,
        }

    # Changes that did not change a field.

    def _kept(
        self, name: str, last: ReplayedRequest | None, of: Conversation
    ) -> Iterator[JsonObject]:
        for change in self.history.after(last):
            if change is self.own or not change.touches(of):
                continue
            decided = self._unaffected(property_of(name), change, of)
            if decided is not None:
                yield {"request": change.entry.id, **decided}

    def _unaffected(
        self, prop: str, change: ReplayedRequest, of: Conversation
    ) -> JsonObject | None:
        row = rules.LEFT_BY_SEND.get(prop)
        if row is not None and any(
            call.result is False for call in change.recording.of(row.behaviour)
        ):
            return self._by_behaviour(
                row.behaviour, row.clause, change.entry.configuration, of.kind
            )
        sender = next(change.conversations(), None)
        is_own = change.recording.has("send") and sender is not None and sender.owner == of.owner
        if prop == "unreadMessageCount" and is_own:
            return self._by_behaviour(
                rules.LEFT_BY_OWN_SEND.behaviour,
                rules.LEFT_BY_OWN_SEND.clause,
                change.entry.configuration,
                of.kind,
            )
        for known in rules.CHANGED.get(prop, ()):
            if change.recording.has(known.effect):
                at_fault = self._faults_in(
                    known.effect, change.entry.configuration
                ) or self._faults_in(known.behaviour, change.entry.configuration)
                return self._faulty(at_fault) if at_fault else None
        return None

    # The filters of a list.

    def _filters(self) -> Iterator[JsonObject]:
        if self.own.entry.operation_id != "listConversations" or self.response.status >= 400:
            return
        for key, text in parse_qsl(self.own.entry.query):
            behaviour, clause = rules.UNCHANGED.get(f"query.{key}", (None, None))
            if behaviour is not None:
                decided = self._by_behaviour(behaviour, clause, self.configuration, None)
                yield {
                    "field": f"query.{key}",
                    "value": text,
                    "absent": False,
                    **decided,
                    "because": [self.own.entry.id],
                    "history": [],
                    "kept": [],
                    "text": f"The list was requested with {key}={text}.",
                }

    # The changes by the request itself.

    def changes(self, before: Fields, after: Fields, of: Conversation) -> Iterator[JsonObject]:
        """Yield the fields of one user's conversation that a request changed."""
        places = "groups" if of.kind == "group" else "users"
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name, MISSING), after.get(name, MISSING)
            if old == new:
                continue
            prop = property_of(name)
            yield {
                "as": of.owner,
                "conversation": f"{places}/{of.peer}",
                "field": prop,
                "before": None if old is MISSING else old,
                "after": None if new is MISSING else new,
                **self._by_change(name, self.own, of.kind),
                "text": phrasing.changed(prop, old, new),
            }


def _conversation_of(name: str, shown: dict[str, Conversation]) -> Conversation | None:
    return next((one for prefix, one in shown.items() if name.startswith(prefix)), None)


def _on_faults(decided: JsonObject) -> str:
    rule_name = decided["rule"] or ""
    return f" By {rule_name}: {decided['says']}" if rule_name.startswith(_FAULT) else ""
