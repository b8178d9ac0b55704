"""How a comparison is written: each writer takes it and returns the whole text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from duologue.contracts.diff.findings import Difference
from duologue.contracts.diff.formats.github import github
from duologue.contracts.diff.formats.json_text import json_text
from duologue.contracts.diff.formats.markdown import markdown
from duologue.contracts.diff.formats.sarif import sarif
from duologue.contracts.diff.formats.text import text

WRITERS: Mapping[str, Callable[[Difference], str]] = {
    "text": text,
    "markdown": markdown,
    "json": json_text,
    "sarif": sarif,
    "github": github,
}


def write(difference: Difference, form: str) -> str:
    """Return the comparison in one of the forms, with a line end."""
    return WRITERS[form](difference)
