"""Expectations: judge what was seen, at once or polling until it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from duologue.contracts.context.clock import Clock
from duologue.contracts.errors import AnswerLost, Broken, NotReached
from duologue.contracts.escaping import as_json
from duologue.contracts.http.redaction import CUT
from duologue.contracts.http.response import Response

T = TypeVar("T")

LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Expectations:
    """Raise Broken where the target does not do what the clause says."""

    clock: Clock

    def that(self, title: str, holds: bool, *, expected: str, actual: Any) -> None:
        """Raise Broken unless it holds now."""
        if not holds:
            as_text = actual if isinstance(actual, str) else shown(actual)
            raise Broken(title, expected=expected, actual=clipped(as_text))

    def eventually(
        self, title: str, probe: Callable[[], T], holds: Callable[[T], bool], *, expected: str
    ) -> T:
        """Return what ``probe`` saw once it holds; raise Broken where it does not in time.

        NotReached and Broken from ``probe`` or ``holds`` count on the last try only: what is
        looked for may not be there yet. Raises AnswerLost at once: what a further try finds may be
        what the lost one did.
        """
        for last in self.clock.tries():
            try:
                seen = probe()
                if holds(seen):
                    return seen
            except (NotReached, Broken) as cause:
                if last or isinstance(cause, AnswerLost):
                    raise
        raise Broken(title, expected=expected, actual=shown(seen))

    def equal(self, title: str, probe: Callable[[], T], wanted: T) -> T:
        """Return what ``probe`` saw once it equals ``wanted``; raise Broken otherwise."""
        return self.eventually(title, probe, lambda seen: seen == wanted, expected=shown(wanted))

    def stays(self, title: str, probe: Callable[[], T], wanted: T) -> T:
        """Do the same as ``equal``, after the time in which a late change would have shown."""
        self.clock.wait_out_lag()
        return self.equal(title, probe, wanted)

    def precondition(
        self, title: str, probe: Callable[[], T], holds: Callable[[T], bool], *, expected: str
    ) -> T:
        """Do the same as ``eventually`` for a step on the way: raise NotReached, not Broken."""
        try:
            return self.eventually(title, probe, holds, expected=expected)
        except Broken as cause:
            raise NotReached(str(cause)) from cause


class Words(str):
    """A text of ours that stands where a value of the target would: shown without quotes."""

    __slots__ = ()


ABSENT = Words("absent")


def shown(value: Any) -> str:
    """Return a value as JSON, as a report shows it, at most 300 characters."""
    if isinstance(value, Words | Response):
        return clipped(str(value))
    return clipped(as_json(value))


def clipped(text: str) -> str:
    """Return a text of at most 300 characters."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - len(CUT)] + CUT
