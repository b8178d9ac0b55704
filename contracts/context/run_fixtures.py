"""What a run makes once and several clauses look at: made by the first that asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, cast

from duologue.contracts.errors import AnswerLost

MOST_CHECKS = 3  # of one clause, or tries to make one value, where answers get lost
T = TypeVar("T")


class HoldsTestData(Protocol):
    """A context whose test data lasts until it is removed."""

    def teardown(self) -> list[str]:
        """Remove the test data; return what could not be removed, by kind and id."""


@dataclass(frozen=True, slots=True)
class FixtureFailure:
    """What was raised where a value was to be made."""

    error: Exception
    traceback: TracebackType | None


C = TypeVar("C", bound=HoldsTestData)


@dataclass(slots=True)
class RunFixtures(Generic[C]):
    """Values by name, each made in a context of its own that lasts as long as the run.

    Where making one failed, each clause that asks for it gets the same error.
    """

    new_context: Callable[[], C]
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _contexts: list[C] = field(default_factory=list)

    def get(self, name: str, make: Callable[[C], T]) -> T:
        """Return the value called ``name``; make it where it is not there yet."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = self._make_until_answered(make)
        made = self._made[name]
        if isinstance(made, FixtureFailure):
            raise made.error.with_traceback(made.traceback)  # else it would grow with each raise
        return cast(T, made)

    def _make_until_answered(self, make: Callable[[C], T]) -> T | FixtureFailure:
        for _ in range(MOST_CHECKS):
            made = self._make(make)
            if not (isinstance(made, FixtureFailure) and isinstance(made.error, AnswerLost)):
                break
        return made

    def _make(self, make: Callable[[C], T]) -> T | FixtureFailure:
        context = self.new_context()
        try:
            return make(context)
        except Exception as error:  # the caller judges it: a defect of ours stays one
            return FixtureFailure(error, error.__traceback__)
        finally:  # what a value is made of was made before it
            self._contexts.append(context)

    def teardown(self) -> list[str]:
        """Remove the test data of all values, the latest first; return what could not be removed.

        A message goes before its sender, who may be a value that was made earlier.
        """
        contexts, self._contexts = self._contexts, []
        return [left for context in reversed(contexts) for left in context.teardown()]
