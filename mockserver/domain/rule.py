"""The decorator that says where a rule comes from.

It only sets an attribute when a module is imported: a call of a decorated function costs nothing
more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_ATTRIBUTE = "__rule_source__"


class RuleSource(NamedTuple):
    """Where a rule comes from: readings and facts by number, and a heading of the vendor's page."""

    numbers: tuple[str, ...]
    heading: str | None

    def __str__(self) -> str:
        """Return the citation, such as `Key behaviors; B5`, as `openapi.readings` resolves it."""
        return "; ".join((*filter(None, [self.heading]), *self.numbers))


def rule(*numbers: str, heading: str | None = None) -> Callable[[Function], Function]:
    """Attach a source to a function.

    `numbers` are those of READINGS.md (`B6`) and EVIDENCE.md (`E12`).
    """

    def decorate(function: Function) -> Function:
        setattr(function, _ATTRIBUTE, RuleSource(numbers, heading))
        return function

    return decorate


def source_of(function: object) -> RuleSource | None:
    """Return the source of a function; None if it has none."""
    found: RuleSource | None = getattr(function, _ATTRIBUTE, None)
    return found
