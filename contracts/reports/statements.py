"""Where a clause is stated: its place in the document's files, and the readings that it cites."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from duologue.openapi import readings
from duologue.openapi.errors import UnknownCitation
from duologue.openapi.readings import Citation

ROOT = "openapi"
DOCUMENT = f"{ROOT}/openapi.yaml"
# A row of x-clauses, in either of YAML's forms; nothing else in the files is a list of such ids.
_LISTED = re.compile(r" *(?:x-clauses: *\[|- )(.*)")
_CLAUSE = re.compile(r"\b[a-z-]+\.[a-z0-9-]+\b")


def cited(source: str) -> tuple[Citation, ...]:
    """Return what a source cites; nothing for the source of another version of this package."""
    try:
        return readings.resolve(source)
    except UnknownCitation:
        return ()


def place_of(clause_id: str) -> tuple[str, int]:
    """Return the file, as it stands in the repository, and the line that names the clause.

    The document's first line where none does.
    """
    return _places().get(clause_id, (DOCUMENT, 1))


@cache
def _places() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for path, name in _documents():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if listed := _LISTED.match(line):
                for each in _CLAUSE.findall(listed[1]):
                    found.setdefault(each, (name, number))
    return found


def _documents() -> list[tuple[Traversable, str]]:
    """Return the files of the contract's own document, and their names in the repository."""
    folder = files("duologue.openapi")
    first = [(folder / "openapi.yaml", DOCUMENT)]
    return [
        *first,
        *_below(folder / "paths", "paths"),
        *_below(folder / "components", "components"),
    ]


def _below(folder: Traversable, name: str) -> list[tuple[Traversable, str]]:
    found: list[tuple[Traversable, str]] = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            found += _below(each, f"{name}/{each.name}")
        elif each.name.endswith(".yaml"):
            found.append((each, f"{ROOT}/{name}/{each.name}"))
    return found
