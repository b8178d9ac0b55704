"""What a run makes once and several clauses look at: made by the first that asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from duologue.contracts.context.context import CheckContext

T = TypeVar("T")


@dataclass(slots=True)
class RunFixtures:
    """Things by name, each made in a scene of its own that lasts as long as the run.

    A thing whose making failed fails the same way for all who ask.
    """

    open_scene: Callable[[], CheckContext]
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _scenes: list[CheckContext] = field(default_factory=list)

    def get(self, name: str, make: Callable[[CheckContext], T]) -> T:
        """The thing called ``name``, made by ``make`` when it is not there yet."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = self._make(make)
        made = self._made[name]
        if isinstance(made, Exception):
            raise made
        return cast(T, made)

    def _make(self, make: Callable[[CheckContext], T]) -> T | Exception:
        context = self.open_scene()
        self._scenes.append(context)
        try:
            return make(context)
        except Exception as failure:
            return failure

    def teardown(self) -> list[str]:
        """Takes away what was made; what could not be, by kind and id."""
        scenes, self._scenes = self._scenes, []
        return [left for context in scenes for left in context.cast.teardown()]
