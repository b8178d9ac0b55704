"""Parts that are watched: which of them were called, with what, and what they gave."""

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
    """One call of a part."""

    part: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    result: Any = None


@dataclass(slots=True)
class Recording:
    """What was called for one request, in the order in which it began."""

    steps: list[RecordedStep] = field(default_factory=list)

    def of(self, part: str) -> Iterator[RecordedStep]:
        """The calls of one part."""
        return (step for step in self.steps if step.part == part)

    def has(self, part: str) -> bool:
        """Whether a part was at work."""
        return part in _ALWAYS or any(self.of(part))

    def first(self, *behaviours: str) -> RecordedStep | None:
        """The first call of any of these parts."""
        return next((step for step in self.steps if step.part in behaviours), None)


class Recorder:
    """Notes on one tape after the other."""

    def __init__(self) -> None:
        self.recording = Recording()

    def watched(self, behaviours: Behaviours) -> Behaviours:
        """The same parts, each noting its calls on the tape of the moment."""
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
