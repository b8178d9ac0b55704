"""Rules of the mock as its code describes them: name, sentence, source.

The sentence is the first line of the docstring; `domain.rule` attaches the source.
"""

from __future__ import annotations

import inspect
import sys
from types import CodeType, TracebackType
from typing import Any, NamedTuple

from duologue.mockserver.domain.rule import source_of

_PACKAGE = "duologue.mockserver."


class Rule(NamedTuple):
    """One behaviour of the mock; `source` cites readings, evidence and headings."""

    name: str
    says: str
    source: str | None


def of(function: Any) -> Rule:
    """Return the rule that a function implements."""
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
    source = source_of(function)
    return Rule(
        name.removeprefix(_PACKAGE), first_line(function), None if source is None else str(source)
    )


def first_line(thing: Any) -> str:
    """Return the first line of a docstring; empty if there is none."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def raised_in(traceback: TracebackType | None) -> CodeType | None:
    """Return the code that raised an exception."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code


def of_code(code: CodeType) -> Rule | None:
    """Return the rule that a code object implements; None if it has no docstring."""
    found = next(
        (module for module in list(sys.modules.values()) if _file(module) == code.co_filename),
        None,
    )
    for name in code.co_qualname.split("."):
        found = getattr(found, name, None)
    return of(found) if found is not None and first_line(found) else None


def _file(module: Any) -> str | None:
    return getattr(module, "__file__", None)
