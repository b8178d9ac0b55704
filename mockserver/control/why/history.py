"""The history of an answer: which change gave each field its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from duologue.mockserver.control.journal.journal import Entry
from duologue.mockserver.control.why.fields import MISSING, Conversation, Fields
from duologue.mockserver.control.why.recorder import Recording
from duologue.mockserver.control.why.replay import Replay, ReplayQuestion
from duologue.mockserver.control.why.rules import VERBS
from duologue.mockserver.domain.ids import fold

_OF_COPIES = {"mark_read", "mark_unread", "mark_delivered", "reset", "delete", "update_tags"}


class Change(NamedTuple):
    """A request that was replayed, and the behaviours recorded while it ran."""

    entry: Entry
    recording: Recording

    @property
    def verb(self) -> str | None:
        """Return the effect that ran first; None if no behaviour stands for it."""
        step = self.recording.first(*VERBS)
        return step.part if step else None

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
        for step in self.recording.steps:
            if (
                step.part in {"mark_read", "mark_unread", "mark_delivered", "reset", "delete"}
                or step.part == "update_tags"
            ):
                copy = step.args[1]
                yield Conversation(copy.owner, copy.kind, copy.peer)
            elif step.part == "send":
                draft = step.args[1]
                yield Conversation(draft.sender, draft.kind, draft.receiver)
            elif step.part == "delete_message":
                message = step.args[1]
                yield Conversation(message.sender, message.kind, message.receiver)
            elif step.part in {"join", "kick"}:
                yield Conversation(step.args[2], "group", step.args[1])


class Turn(NamedTuple):
    """A value that a field took, and the change that gave it; None for the initial value."""

    value: Any
    change: Change | None


@dataclass(slots=True)
class History:
    """The changes since the base, and the values that each field took."""

    changes: list[Change] = field(default_factory=list)
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    _last: Fields = field(default_factory=dict)
    _count: int = 0

    def hear(self, now: Fields, change: Change | None) -> None:
        """Take in the fields as they are after a change; the first time, at the start."""
        for name in {*self._last, *now}:
            value = now.get(name, MISSING)
            if self._last.get(name, MISSING) is value or self._last.get(name, MISSING) == value:
                continue
            turns = self.turns.setdefault(name, [])
            if not turns and self._count:
                turns.append(Turn(MISSING, None))  # it was not there at the start
            turns.append(Turn(value, change))
        self._last = now
        self._count += 1

    def of(self, name: str) -> list[Turn]:
        """Return the values of a field, newest first; the last one is the initial value."""
        return [*reversed(self.turns.get(name, [Turn(MISSING, None)]))]

    def after(self, change: Change | None) -> list[Change]:
        """Return the changes after a change."""
        return self.changes if change is None else self.changes[self.changes.index(change) + 1 :]


def tell(replay: Replay, changes: list[Entry], look: Callable[[], Fields]) -> History:
    """Replay the changes, look at the fields after each, and return the history."""
    history = History()
    history.hear(look(), None)
    for entry in changes:
        _, recording = replay.do(ReplayQuestion.of(entry))
        change = Change(entry, recording)
        history.changes.append(change)
        history.hear(look(), change)
    return history


def _key(owner: str, kind: str, peer: str) -> tuple[Any, ...]:
    return (kind, peer) if kind == "group" else (kind, *sorted((fold(owner), peer)))
