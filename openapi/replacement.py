"""A document of the caller's own in the contract's place: a changed copy of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from duologue.openapi.errors import UnusableDocument

VARIABLE = "DUOLOGUE_DOCUMENT"  # inherited by the processes that a mock starts
METHODS = ("get", "put", "post", "delete", "patch")


def in_use() -> Path | None:
    """Return the file that `load` reads in the contract's place, None for the contract itself."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


@contextmanager
def using(path: Path | None, *, contract: dict[str, Any]) -> Iterator[None]:
    """Let `load` read a file in the contract's place, here and in processes started from here.

    Its operations have to be those of `contract`; schemas may differ. With None, nothing changes.
    Raises UnusableDocument, UnreadableFile and BrokenReference.
    """
    if path is None:
        yield
        return
    check(path, read(path), contract=contract)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = os.path.realpath(path)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def read(path: Path) -> dict[str, Any]:
    """Return the document of a file, in which every `$ref` begins with `#/`."""
    from duologue.openapi.bundle import bundle  # noqa: PLC0415 - needs yaml: 35 ms of a start

    return bundle(path)


def check(path: Path, document: dict[str, Any], *, contract: dict[str, Any]) -> None:
    """Raise UnusableDocument unless it is OpenAPI 3.1 with the contract's operations."""
    version = document.get("openapi")
    if not str(version).startswith("3.1."):
        raise UnusableDocument(path, f"it is no OpenAPI 3.1 document (openapi: {version!r})")
    found, wanted = _operations(path, document), _operations(path, contract)
    for name in sorted(wanted | found):
        if name not in found:
            raise UnusableDocument(path, f"it has no operation {name}")
        if name not in wanted:
            raise UnusableDocument(path, f"no mock and no clause knows its operation {name}")
    _check_schemas(path, document)


def _operations(path: Path, document: dict[str, Any]) -> set[str]:
    paths = document.get("paths")
    if not isinstance(paths, dict) or not all(isinstance(item, dict) for item in paths.values()):
        raise UnusableDocument(path, "its paths are no mapping of path items")
    return {
        f"{operation.get('operationId')} ({method.upper()} {name})"
        for name, item in paths.items()
        for method, operation in item.items()
        if method in METHODS and isinstance(operation, dict)
    }


def _check_schemas(path: Path, document: dict[str, Any]) -> None:
    """Raise UnusableDocument for a schema that JSON Schema 2020-12 does not allow."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only where a file is given
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415

    for place, schema in _schemas(document, ""):
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as problem:
            raise UnusableDocument(path, f"{place}: {problem.message}") from problem


def _schemas(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield each schema of a document with its place, as a JSON pointer."""
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _schemas(each, f"{place}/{number}")
    elif isinstance(node, dict):
        for key, value in node.items():
            below = f"{place}/{key}"
            if key in ("example", "examples"):
                continue
            if place == "/components/schemas" or (
                key == "schema" and not place.endswith("schemas")
            ):
                yield below, value
            else:
                yield from _schemas(value, below)
