"""How a comparison of results is written: each writer takes it and returns the whole text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from duologue.contracts.compare.comparison import Comparison
from duologue.contracts.compare.formats.github import github
from duologue.contracts.compare.formats.json_text import json_text
from duologue.contracts.compare.formats.markdown import markdown
from duologue.contracts.compare.formats.text import text

WRITERS: Mapping[str, Callable[[Comparison], str]] = {
    "text": text,
    "markdown": markdown,
    "json": json_text,
    "github": github,
}


def write(comparison: Comparison, form: str) -> str:
    """Return the comparison in one of the forms, with a line end."""
    return WRITERS[form](comparison)
