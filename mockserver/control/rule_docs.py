"""A rule of the mock as its own code tells of it: its name, what it says, where that comes from.

Nothing is written down twice: the first line of a function's docstring says what it is for, and
ends with its source in parentheses, such as a heading of the page or a reading.
"""

from __future__ import annotations

import inspect
import re
import sys
from types import CodeType, TracebackType
from typing import Any, NamedTuple

_PACKAGE = "duologue.mockserver."
_SOURCE = re.compile(r"^(?P<says>.*?)\s*\((?P<source>[^()]*)\)\.?$", re.DOTALL)


class Rule(NamedTuple):
    """One part of the mock, in words."""

    name: str
    says: str
    source: str | None


def of(function: Any) -> Rule:
    """The rule that a function is."""
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
    says, source = split(first_line(function))
    return Rule(name.removeprefix(_PACKAGE), says, source)


def first_line(thing: Any) -> str:
    """The first line of a docstring; empty for none."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def split(line: str) -> tuple[str, str | None]:
    """What a first line says, and the source it ends with."""
    found = _SOURCE.match(line)
    if found is None:
        return line, None
    return f"{found['says']}.", found["source"]


def raised_in(traceback: TracebackType | None) -> CodeType | None:
    """The code in which an exception was raised."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code


def of_code(code: CodeType) -> Rule | None:
    """The rule that a piece of code is; None for a function that can't be told of."""
    found = next(
        (module for module in list(sys.modules.values()) if _file(module) == code.co_filename),
        None,
    )
    for name in code.co_qualname.split("."):
        found = getattr(found, name, None)
    return of(found) if found is not None and first_line(found) else None


def _file(module: Any) -> str | None:
    return getattr(module, "__file__", None)
