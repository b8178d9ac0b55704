"""World documents in files."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from duologue.mockserver.clock import wall_clock
from duologue.mockserver.control import validation
from duologue.mockserver.control.errors import ControlProblem, Unreadable, WrongInput
from duologue.mockserver.control.validation import JSON, YAML
from duologue.mockserver.control.world import times
from duologue.mockserver.control.world import yaml as yaml_text
from duologue.mockserver.control.world.doubts import doubts
from duologue.mockserver.control.world.dump import to_document
from duologue.mockserver.control.world.load import to_rows
from duologue.mockserver.control.world.schema import schema
from duologue.mockserver.domain.errors import MockserverError
from duologue.mockserver.store import dump as state_dump
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.world import WorldRows

_MOST = 5  # mistakes that the message lists


class WorldFileBroken(MockserverError):
    """The file holds no valid world document."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no world: {reason}")
        self.path = path
        self.reason = reason


def document_of(path: Path) -> Any:
    """Return the document in a file, not validated; raise WorldFileBroken if it cannot be read."""
    try:
        return _parsed(path)
    except OSError as error:
        raise WorldFileBroken(path, error.strerror or str(error)) from error
    except ControlProblem as problem:
        raise WorldFileBroken(path, _reason(problem, b"")) from problem


def _parsed(path: Path) -> Any:
    return _document(path.read_bytes(), path)


def _document(raw: bytes, path: Path) -> Any:
    """Return the document in a file's bytes; raise Unreadable."""
    if path.suffix != ".json":
        return validation.read(raw, YAML)
    raw = raw.removeprefix(codecs.BOM_UTF8)  # Windows editors begin a file with it
    document = validation.read(raw, JSON)
    json.loads(raw, object_pairs_hook=_without_double_keys)
    return document


def _without_double_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dict; raise Unreadable for a key that is there twice."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Unreadable("JSON", f"the key {key} is there twice")
        made[key] = value
    return made


def read(path: Path, *, note: Callable[[str], None] | None = None) -> StateDump:
    """Return the state that a file's document describes; raise WorldFileBroken.

    What is unusual in it is told to `note`, a sentence at a time, with line and column.
    """
    raw = b""
    try:
        raw = path.read_bytes()
        document = _document(raw, path)
        details = validation.judged(schema(), document)
        if details:
            raise WrongInput(details)
        state = to_rows(times.resolved(document, wall_clock()))
    except OSError as error:
        raise WorldFileBroken(path, error.strerror or str(error)) from error
    except ControlProblem as problem:
        raise WorldFileBroken(path, _reason(problem, raw)) from problem
    if note is not None:
        for doubt in islice(doubts(document), _MOST):
            note(f"{path}: {_where(raw, doubt.place)}{doubt.place}: {doubt.text}")
    return state


def text(world: WorldRows, form: str) -> str:
    """Return a world as a document, in YAML or JSON."""
    with closing(Store("sqlite://")) as store:
        Baseline(store, world).settle()
        document = to_document(state_dump.read(store.reading()))
    if form == "yaml":
        return yaml_text.to_yaml(document)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _reason(problem: ControlProblem, raw: bytes) -> str:
    """Return what is wrong with a file, each mistake with its line and column."""
    if isinstance(problem, Unreadable):
        return f"the file is no {problem.format}: {problem.reason}"
    mistakes = [
        f"{_where(raw, place)}{'the file' if place == 'body' else place}: {' '.join(texts)}"
        for place, texts in problem.details.items()
    ]
    rest = len(mistakes) - _MOST
    more = f" And {rest} more." if rest > 0 else ""
    return f"{' '.join(mistakes[:_MOST])}{more}" if mistakes else str(problem)


def _where(raw: bytes, place: str) -> str:
    found = yaml_text.line_of(raw, place) if raw else None
    return "" if found is None else f"line {found[0]}, column {found[1]}: "
