"""The API's documents as Python data: the one reader that the mock and the suite share."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from duologue.openapi import cache, replacement
from duologue.openapi.errors import DocumentNotFound, OverlayNotFound

FOLDER = Path(__file__).parent
METHODS = ("get", "put", "post", "delete", "patch")


class Operation(NamedTuple):
    """One operation of a document: its method and path, and the clauses it names."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    deprecated: bool
    clauses: tuple[str, ...]


def load(name: str = "openapi", overlay: str | None = None) -> dict[str, Any]:
    """Return a self-contained OpenAPI document, in which every `$ref` begins with `#/`.

    `name` is `openapi` for the contract and `stage` for the supporting resources; `overlay` may be
    `live`, for the contract as the real service is seen to keep it. Each call returns a new copy
    (1.3 ms), so callers may change it. A file of `using` takes the contract's place. Raises
    DocumentNotFound, OverlayNotFound, UnreadableFile, BrokenReference and BrokenAction.
    """
    document: dict[str, Any] = orjson.loads(_text(name, overlay, _replacing(name)))
    return document


def using(path: Path | None) -> AbstractContextManager[None]:
    """Return a block in which `load` reads this file in the contract's place; None changes nothing.

    Processes that are started in the block read it, too. Raises UnusableDocument, UnreadableFile
    and BrokenReference on entering it.
    """
    if path is None:
        return nullcontext()
    return replacement.using(path, contract=json.loads(_text("openapi", None, None)))


def _replacing(name: str) -> Path | None:
    return replacement.in_use() if name == "openapi" else None


def operations(name: str = "openapi") -> tuple[Operation, ...]:
    """Return the operations of a document, in its order."""
    return _operations(name, _replacing(name))


@lru_cache
def _operations(name: str, source: Path | None) -> tuple[Operation, ...]:
    document: dict[str, Any] = json.loads(_text(name, None, source))
    return tuple(
        Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            tags=tuple(operation.get("tags", ())),
            deprecated=bool(operation.get("deprecated", False)),
            clauses=tuple(operation.get("x-clauses", ())),
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    )


def names() -> tuple[str, ...]:
    """Return the documents that `load` knows."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "redocly"))


def overlays() -> tuple[str, ...]:
    """Return the overlays that `load` knows."""
    return tuple(sorted(path.stem for path in (FOLDER / "overlays").glob("*.yaml")))


@lru_cache
def _text(name: str, overlay: str | None, source: Path | None) -> str:
    """Return the bundled document as JSON, from the cache if nothing has changed.

    With a source, return that file in its place.
    """
    if name not in names():
        raise DocumentNotFound(name, names())
    if overlay is not None and overlay not in overlays():
        raise OverlayNotFound(overlay, overlays())
    if source is not None:
        return json.dumps(_overlaid(replacement.read(source), overlay), default=str)
    title = f"{name}+{overlay}" if overlay else name
    text = cache.kept(title, _key())
    if text is None or not _is_json(text):
        text = json.dumps(_made(name, overlay), ensure_ascii=False)
        cache.keep(title, _key(), text)
    return text


@lru_cache
def _key() -> str:
    return cache.digest(FOLDER)


def _made(name: str, overlay: str | None) -> dict[str, Any]:
    # Imported here: a mock that finds a kept bundle saves the 35 ms of importing yaml too.
    from duologue.openapi.bundle import bundle  # noqa: PLC0415

    return _overlaid(bundle(FOLDER / f"{name}.yaml"), overlay)


def _overlaid(document: dict[str, Any], overlay: str | None) -> dict[str, Any]:
    if overlay is None:
        return document
    from duologue.openapi.overlay import apply  # noqa: PLC0415 - as above

    return apply(document, FOLDER / "overlays" / f"{overlay}.yaml")


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True
