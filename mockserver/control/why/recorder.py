"""Recording of behaviours: which were called, with what arguments, and what they returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.store.criteria import Criteria

# Called only when SQL statements are built, but part of each of them from then on.
_ALWAYS = frozenset(one.name for one in fields(Criteria))


@dataclass(slots=True)
class BehaviourCall:
    """One call of a behaviour."""

    behaviour: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    result: Any = None


@dataclass(slots=True)
class Recording:
    """The calls during one request, in the order in which they began."""

    calls: list[BehaviourCall] = field(default_factory=list)

    def of(self, behaviour: str) -> Iterator[BehaviourCall]:
        """Yield the calls of one behaviour."""
        return (call for call in self.calls if call.behaviour == behaviour)

    def has(self, behaviour: str) -> bool:
        """Return whether a behaviour was called."""
        return behaviour in _ALWAYS or any(self.of(behaviour))

    def first(self, *behaviours: str) -> BehaviourCall | None:
        """Return the first call of any of these behaviours."""
        return next((call for call in self.calls if call.behaviour in behaviours), None)


class Recorder:
    """Wraps behaviours so that their calls are added to the current recording."""

    def __init__(self) -> None:
        self.recording = Recording()

    def recording_behaviours(self, behaviours: Behaviours) -> Behaviours:
        """Return the same behaviours, each recording its calls on the current recording."""
        names = [one.name for one in fields(behaviours)]
        return replace(
            behaviours, **{name: self._recorded(name, getattr(behaviours, name)) for name in names}
        )

    def _recorded(self, name: str, behaviour: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*args: Any, **named: Any) -> Any:
            call = BehaviourCall(name, args, named)
            self.recording.calls.append(call)
            call.result = behaviour(*args, **named)
            return call.result

        return recorded
