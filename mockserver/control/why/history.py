"""The history of an answer: which change gave each field its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.why.fields import MISSING, Conversation, Fields
from duologue.mockserver.control.why.recorder import Recording
from duologue.mockserver.control.why.replay import Replay, ReplayRequest
from duologue.mockserver.control.why.rules import EFFECTS
from duologue.mockserver.domain.ids import fold

_OF_COPIES = {"mark_read", "mark_unread", "mark_delivered", "reset", "delete", "update_tags"}


class ReplayedRequest(NamedTuple):
    """A request that was replayed, and the behaviours recorded while it ran."""

    entry: JournalEntry
    recording: Recording

    @property
    def effect(self) -> str | None:
        """Return the effect that ran first; None if none did."""
        call = self.recording.first(*EFFECTS)
        return call.behaviour if call else None

    @property
    def names_a_message(self) -> bool:
        """Return whether the body names a message to mark up to."""
        try:
            body = orjson.loads(self.entry.body or b"{}")
        except orjson.JSONDecodeError:
            return False
        return isinstance(body, dict) and "messageId" in body

    def touches(self, one: Conversation) -> bool:
        """Return whether the change was about this conversation, for any user."""
        return any(_key(*named) == _key(*one) for named in self.conversations())

    def conversations(self) -> Iterator[Conversation]:
        """Yield the conversations that it was about, each as the caller sees it."""
        for call in self.recording.calls:
            if (
                call.behaviour in {"mark_read", "mark_unread", "mark_delivered", "reset", "delete"}
                or call.behaviour == "update_tags"
            ):
                copy = call.args[1]
                yield Conversation(copy.owner, copy.kind, copy.peer)
            elif call.behaviour == "send":
                draft = call.args[1]
                yield Conversation(draft.sender, draft.kind, draft.receiver)
            elif call.behaviour == "delete_message":
                message = call.args[1]
                yield Conversation(message.sender, message.kind, message.receiver)
            elif call.behaviour in {"join", "kick"}:
                yield Conversation(call.args[2], "group", call.args[1])


class FieldValue(NamedTuple):
    """A value that a field took, and the change that gave it; None for the initial value."""

    value: Any
    change: ReplayedRequest | None


@dataclass(slots=True)
class History:
    """The changes since the base, and the values that each field took."""

    changes: list[ReplayedRequest] = field(default_factory=list)
    values: dict[str, list[FieldValue]] = field(default_factory=dict)
    _last: Fields = field(default_factory=dict)
    _count: int = 0

    def record(self, now: Fields, change: ReplayedRequest | None) -> None:
        """Record the fields after a change; the first call records the initial values."""
        for name in {*self._last, *now}:
            value = now.get(name, MISSING)
            if self._last.get(name, MISSING) is value or self._last.get(name, MISSING) == value:
                continue
            values = self.values.setdefault(name, [])
            if not values and self._count:
                values.append(FieldValue(MISSING, None))  # absent at the start
            values.append(FieldValue(value, change))
        self._last = now
        self._count += 1

    def of(self, name: str) -> list[FieldValue]:
        """Return the values of a field, newest first; the last one is the initial value."""
        return [*reversed(self.values.get(name, [FieldValue(MISSING, None)]))]

    def after(self, change: ReplayedRequest | None) -> list[ReplayedRequest]:
        """Return the changes after a change."""
        return self.changes if change is None else self.changes[self.changes.index(change) + 1 :]


def replay_history(
    replay: Replay, changes: list[JournalEntry], read_fields: Callable[[], Fields]
) -> History:
    """Replay the changes, read the fields after each, and return the history."""
    history = History()
    history.record(read_fields(), None)
    for entry in changes:
        _, recording = replay.do(ReplayRequest.of(entry))
        change = ReplayedRequest(entry, recording)
        history.changes.append(change)
        history.record(read_fields(), change)
    return history


def _key(owner: str, kind: str, peer: str) -> tuple[Any, ...]:
    return (kind, peer) if kind == "group" else (kind, *sorted((fold(owner), peer)))
