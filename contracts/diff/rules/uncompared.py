"""Parts that no rule compares: a difference of them is told, wherever they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import OperationPart, Scope
from duologue.contracts.diff.schemas.change import kebab
from duologue.contracts.diff.schemas.shape import key_of

TEXTS = ("description", "summary", "title", "example", "examples", "externalDocs", "x-clauses")
NAMED = ("properties", "patternProperties", "$defs", "schemas", "headers", "mapping", "variables")
"""Mappings whose keys are names and no keywords."""


def compare_uncompared(scope: Scope, word: str) -> None:
    """Add a warning where what stands below a keyword of the operation or document changed."""
    if whole_text(scope.pair.old, scope.old.get(word)) == whole_text(
        scope.pair.new, scope.new.get(word)
    ):
        return
    scope.add(
        f"{kebab(word)}-changed",
        Severity.WARNING,
        f"{word} changed, which no rule compares in detail",
        side="operation",
        where=location(scope.new, word) or location(scope.old, word),
    )


def compare_encodings(
    scope: Scope, part: OperationPart, old: LocatedDict, new: LocatedDict
) -> None:
    """Add a warning where the parts of a form are encoded otherwise."""
    documents = (scope.pair.old, scope.pair.new)
    before, after = (
        whole_text(document, node.get("encoding"))
        for document, node in zip(documents, (old, new), strict=True)
    )
    if before != after:
        _warn(scope, part, "encoding", new)


def compare_xml(scope: Scope, part: OperationPart, old: LocatedDict, new: LocatedDict) -> None:
    """Add a warning where the names or forms of XML changed that schemas ask for."""
    before, after = (
        sorted(_words(document, node.get("schema"), "xml", "", ()))
        for document, node in ((scope.pair.old, old), (scope.pair.new, new))
    )
    if before != after:
        _warn(scope, part, "xml", new)


def _warn(scope: Scope, part: OperationPart, word: str, new: LocatedDict) -> None:
    scope.add(
        f"{part.prefix}-{word}-changed",
        Severity.WARNING,
        f"{part.words}: {word} changed, which no rule compares in detail",
        side=part.side,
        subject=f"{part.subject} {word}",
        where=location(new, word),
        clauses=part.clauses,
        uses=part.uses,
    )


def whole_text(document: Document, value: Any) -> str:
    """Return a part as text: references followed, what is only read by people left out."""
    return key_of(_followed(document, value, "", ()))


def _followed(document: Document, value: Any, key: str, around: tuple[int, ...]) -> Any:
    if isinstance(value, list):
        return [_followed(document, each, "", around) for each in value]
    if not isinstance(value, LocatedDict):
        return value
    if id(value) in around:
        return {"recursive": len(around) - around.index(id(value))}
    inner = (*around, id(value))
    if isinstance(value.get("$ref"), str):
        target = _followed(document, document.target(value), key, inner)
        beside = {name: each for name, each in value.items() if name not in ("$ref", *TEXTS)}
        return {"target": target, **beside} if beside else target
    return {
        name: _followed(document, each, name, inner)
        for name, each in value.items()
        if name not in TEXTS or key in NAMED
    }


def _words(
    document: Document, value: Any, word: str, path: str, around: tuple[int, ...]
) -> Iterator[str]:
    """Yield each place in a schema that has a keyword, with its value."""
    if isinstance(value, list):
        for each in value:
            yield from _words(document, each, word, path, around)
    if not isinstance(value, LocatedDict) or id(value) in around:
        return
    inner = (*around, id(value))
    if isinstance(value.get("$ref"), str):
        yield from _words(document, document.target(value), word, path, inner)
    if isinstance(value.get(word), LocatedDict):
        yield f"{path} {key_of(value[word])}"
    for name, each in value.items():
        if name not in ("$ref", word, *TEXTS):
            below = path if name == "allOf" else f"{path}/{name}"
            yield from _words(document, each, word, below, inner)
