"""One frame for some users, and what the modules that make them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.journal_view import value_of
from duologue.mockserver.socket.audience import Audience
from duologue.mockserver.socket.frames import Frame


class Delivery(NamedTuple):
    """One frame, and the uids of the users that it is for."""

    frame: Frame
    to: frozenset[str]
    device: str = ""  # the one that caused it, which is not told
    role: str | None = None  # of whom it tells, for those who asked about roles


class Context(NamedTuple):
    """What deliveries are made with: who is there, the behaviours in force, the state."""

    audience: Audience
    reading: Callable[[], UnitOfWork]

    @property
    def behaviours(self) -> Behaviours:
        """Return the behaviours in force."""
        return self.reading().behaviours


def data_of(entry: JournalEntry) -> Frame:
    """Return the content of an answer; empty if it is no object."""
    answer = value_of(entry.answer_body)
    return _object(answer.get("data")) if isinstance(answer, dict) else {}


def sent_of(entry: JournalEntry) -> Frame:
    """Return the body of a request; empty if it is no object."""
    return _object(value_of(entry.body))


def _object(found: Any) -> Frame:
    return found if isinstance(found, dict) else {}
