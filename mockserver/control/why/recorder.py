"""Recording of behaviours: which were called, with what arguments, and what they returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.store.listing import Criteria

# Called when statements are built, and at work in every one of them from then on.
_ALWAYS = frozenset(one.name for one in fields(Criteria))


@dataclass(slots=True)
class RecordedStep:
    """One call of a behaviour."""

    part: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    result: Any = None


@dataclass(slots=True)
class Recording:
    """The calls during one request, in the order in which they began."""

    steps: list[RecordedStep] = field(default_factory=list)

    def of(self, part: str) -> Iterator[RecordedStep]:
        """Yield the calls of one behaviour."""
        return (step for step in self.steps if step.part == part)

    def has(self, part: str) -> bool:
        """Return whether a behaviour was called."""
        return part in _ALWAYS or any(self.of(part))

    def first(self, *behaviours: str) -> RecordedStep | None:
        """Return the first call of any of these behaviours."""
        return next((step for step in self.steps if step.part in behaviours), None)


class Recorder:
    """Records calls on one recording after the other."""

    def __init__(self) -> None:
        self.recording = Recording()

    def watched(self, behaviours: Behaviours) -> Behaviours:
        """Return the same behaviours, each recording its calls on the current recording."""
        names = [one.name for one in fields(behaviours)]
        return replace(
            behaviours, **{name: self._noting(name, getattr(behaviours, name)) for name in names}
        )

    def _noting(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any, **named: Any) -> Any:
            step = RecordedStep(name, args, named)
            self.recording.steps.append(step)
            step.result = part(*args, **named)
            return step.result

        return noting
