"""Request bodies, and the media types of both directions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import OperationPart, Scope, own_clauses
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.rules.uncompared import compare_encodings, compare_xml


def compare_bodies(scope: Scope) -> None:
    """Compare the request bodies of an operation."""
    old, new = (
        document.resolve(node["requestBody"], "requestBody") if "requestBody" in node else None
        for document, node in ((scope.pair.old, scope.old), (scope.pair.new, scope.new))
    )
    if old is None and new is None:
        return
    if old is None or new is None:
        _one_sided(scope, old, new)
        return
    required = [node.get("required") is True for node in (old, new)]
    if required[0] != required[1]:
        _needed(scope, new, is_needed=required[1])
    compare_contents(
        scope,
        old,
        new,
        OperationPart("request", "request-body", "body", "the request body", uses=("body",)),
    )


def _needed(scope: Scope, new: LocatedDict, *, is_needed: bool) -> None:
    change = "became-required" if is_needed else "became-optional"
    scope.add(
        f"request-body-{change}",
        Severity.BREAKING if is_needed else Severity.NOTE,
        f"the request body {change.replace('-', ' ')}",
        side="request",
        subject="body",
        where=location(new, "required"),
        clauses=own_clauses(new),
        uses=("",) if is_needed else (),
    )


def _one_sided(scope: Scope, old: LocatedDict | None, new: LocatedDict | None) -> None:
    if new is None:
        rule, severity, words = "removed", Severity.WARNING, "the request body was removed"
    elif new.get("required") is True:
        rule, severity = "added-required", Severity.BREAKING
        words = "the required request body was added"
    else:
        rule, severity = "added-optional", Severity.NOTE
        words = "the optional request body was added"
    uses = {"removed": ("body",), "added-required": ("",), "added-optional": ()}
    scope.add(
        f"request-body-{rule}",
        severity,
        words,
        side="request",
        subject="body",
        where=location(new if new is not None else old),
        uses=uses[rule],
    )


MediaType = tuple[str, LocatedDict, Any]


def media_types(document: Document, node: LocatedDict) -> dict[str, MediaType]:
    """Return the media types of a body: comparable name -> name, node and place."""
    content = document.mapping(node, "content")
    return {
        "".join(name.lower().split()): (
            name,
            document.resolve(content[name], name),
            location(content, name),
        )
        for name in content
    }


def compare_contents(scope: Scope, old: LocatedDict, new: LocatedDict, part: OperationPart) -> None:
    """Compare what a body, an answer or a header of either direction may be made of."""
    mine, yours = media_types(scope.pair.old, old), media_types(scope.pair.new, new)
    media = paired(mine, yours)
    for key, (name, _, where) in media.gone.items():
        words = f"{part.words} is no longer {name}"
        place = replace(part, subject=f"{part.subject} {key}", where=where)
        _add_media_type(scope, place, "removed", words=words)
    for key, ((_, before, _), (_, after, where)) in media.kept.items():
        place = replace(part, subject=f"{part.subject} {key}", where=where)
        compare_encodings(scope, place, before, after)
        if "xml" in key:
            compare_xml(scope, place, before, after)
        one, other = ((each["schema"],) if "schema" in each else () for each in (before, after))
        subject = part.subject if len(mine) == 1 else f"{part.subject} {key}"
        scope.schemas(
            one,
            other,
            replace(part, subject=subject, where=where, default_counts=False),
        )
    for key, (name, _, where) in media.added.items():
        words = f"{part.words} may be {name} now"
        place = replace(part, subject=f"{part.subject} {key}", where=where, uses=())
        _add_media_type(scope, place, "added", words=words)


def _add_media_type(scope: Scope, part: OperationPart, change: str, *, words: str) -> None:
    scope.add(
        f"{part.prefix}-media-type-{change}",
        Severity.BREAKING if change == "removed" else Severity.NOTE,
        words,
        side=part.side,
        subject=part.subject,
        where=part.where,
        uses=part.uses,
        clauses=part.clauses,
    )
