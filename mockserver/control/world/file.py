"""World documents in files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator

from duologue.mockserver.control import validation
from duologue.mockserver.control.errors import ControlProblem, WrongInput
from duologue.mockserver.control.validation import JSON, YAML
from duologue.mockserver.control.world import yaml as yaml_text
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
        raise WorldFileBroken(path, _reason(problem)) from problem


def _parsed(path: Path) -> Any:
    return validation.read(path.read_bytes(), JSON if path.suffix == ".json" else YAML)


def read(path: Path) -> StateDump:
    """Return the state that a file's document describes; raise WorldFileBroken."""
    try:
        document = _parsed(path)
        details = validation.judged(Draft202012Validator(schema()), document)
        if details:
            raise WrongInput(details)
        return to_rows(document)
    except OSError as error:
        raise WorldFileBroken(path, error.strerror or str(error)) from error
    except ControlProblem as problem:
        raise WorldFileBroken(path, _reason(problem)) from problem


def text(world: WorldRows, form: str) -> str:
    """Return a world as a document, in YAML or JSON."""
    with closing(Store("sqlite://")) as store:
        Baseline(store, world).settle()
        document = to_document(state_dump.read(store.reading()))
    if form == "yaml":
        return yaml_text.to_yaml(document)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _reason(problem: ControlProblem) -> str:
    mistakes = [f"{place}: {' '.join(texts)}" for place, texts in problem.details.items()]
    rest = len(mistakes) - _MOST
    more = f" And {rest} more." if rest > 0 else ""
    return f"{' '.join(mistakes[:_MOST])}{more}" if mistakes else str(problem)
