"""The API's documents as Python data: the one reader that the mock and the suite share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from openapi import cache
from openapi.errors import DocumentNotFound

FOLDER = Path(__file__).parent
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document: how it is called, and which clauses it carries itself."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    deprecated: bool
    clauses: tuple[str, ...]


def load(name: str = "openapi") -> dict[str, Any]:
    """A self-contained OpenAPI document, in which every `$ref` begins with `#/`.

    `name` is `openapi` for the contract and `stage` for the supporting resources. Each call gives a
    new copy (1.3 ms), so nobody can spoil another's. Raises DocumentNotFound, UnreadableFile and
    BrokenReference.
    """
    document: dict[str, Any] = json.loads(_text(name))
    return document


@lru_cache
def operations(name: str = "openapi") -> tuple[Operation, ...]:
    """The operations of a document, in its order."""
    return tuple(
        Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            tags=tuple(operation.get("tags", ())),
            deprecated=bool(operation.get("deprecated", False)),
            clauses=tuple(operation.get("x-clauses", ())),
        )
        for path, item in load(name)["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    )


def names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "redocly"))


@lru_cache
def _text(name: str) -> str:
    """The bundled document as JSON, from the cache where it is unchanged."""
    if name not in names():
        raise DocumentNotFound(name, names())
    key = cache.digest(FOLDER)
    text = cache.kept(name, key)
    if text is None or not _is_json(text):
        # Imported here: a mock that finds a kept bundle saves the 35 ms of importing yaml too.
        from openapi.bundle import bundle  # noqa: PLC0415

        text = json.dumps(bundle(FOLDER / f"{name}.yaml"), ensure_ascii=False)
        cache.keep(name, key, text)
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
