"""A document of the caller's own in the contract's place: a changed copy of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from duologue.openapi.errors import UnusableDocument

VARIABLE = "DUOLOGUE_DOCUMENT"  # inherited by the processes that a mock starts
MOST_SHOWN = 200  # characters: a message may hold the whole value
METHODS = ("get", "put", "post", "delete", "patch")


def in_use() -> Path | None:
    """Return the file that `load` reads in the contract's place, None for the contract itself."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


@contextmanager
def using(path: Path, *, contract: dict[str, Any]) -> Iterator[None]:
    """Let `load` read a file in the contract's place, here and in processes started from here.

    Its operations have to be those of `contract`; schemas may differ.
    Raises UnusableDocument, UnreadableFile and BrokenReference.
    """
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
    """Raise UnusableDocument unless it is valid OpenAPI 3.1 with the contract's operations."""
    document = _as_json(path, document)
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
    _check_structure(path, document)


def _as_json(path: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as `load` has it; raise UnusableDocument for what JSON cannot say."""
    try:
        text = json.dumps(document, default=str, allow_nan=False, ensure_ascii=False)
        return dict(json.loads(text.encode()))
    except (TypeError, ValueError, RecursionError) as problem:  # UnicodeEncodeError is one
        raise UnusableDocument(path, f"JSON could not say what it says ({problem})") from problem


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


def _check_structure(path: Path, document: dict[str, Any]) -> None:
    """Raise UnusableDocument for what OpenAPI 3.1 does not allow outside of schemas."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - as above: 240 ms
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    try:
        error = next(iter(OpenAPIV31SpecValidator(document).iter_errors()), None)
    except Unresolvable as problem:
        raise UnusableDocument(path, f"{problem.ref} leads nowhere") from problem
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        # The validator follows references before it knows what they lead to.
        why = f"a $ref leads to something of another kind ({type(problem).__name__}: {problem})"
        raise UnusableDocument(path, why) from problem
    if error is not None:
        place = "/".join(str(each) for each in error.absolute_path) or "the whole"
        first, _, _ = error.message.partition("\n")
        raise UnusableDocument(path, f"{place}: {first[:MOST_SHOWN]}")


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
