"""Parts that are watched: which of them were called, with what, and what they gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from mockserver.parts import Parts


@dataclass(slots=True)
class Step:
    """One call of a part."""

    part: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    result: Any = None


class Tape:
    """What was called, in the order in which it began."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def of(self, part: str) -> Iterator[Step]:
        """The calls of one part."""
        return (step for step in self.steps if step.part == part)

    def has(self, part: str) -> bool:
        """Whether a part was called."""
        return any(self.of(part))

    def first(self, *parts: str) -> Step | None:
        """The first call of any of these parts."""
        return next((step for step in self.steps if step.part in parts), None)


def watched(parts: Parts, tape: Tape) -> Parts:
    """The same parts, each noting its calls on the tape."""
    names = [one.name for one in fields(parts)]
    return replace(parts, **{name: _noting(name, getattr(parts, name), tape) for name in names})


def _noting(name: str, part: Callable[..., Any], tape: Tape) -> Callable[..., Any]:
    def noting(*args: Any, **named: Any) -> Any:
        step = Step(name, args, named)
        tape.steps.append(step)
        step.result = part(*args, **named)
        return step.result

    return noting
