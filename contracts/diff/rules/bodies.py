"""Request bodies, and the media types of both directions."""

from __future__ import annotations

from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import Part, Scope, own_clauses


def compare_bodies(scope: Scope) -> None:
    """Compare the request bodies of an operation."""
    old, new = (
        document.resolve(node["requestBody"], "requestBody") if "requestBody" in node else None
        for document, node in ((scope.pair.old, scope.old), (scope.pair.new, scope.new))
    )
    required = [node is not None and node.get("required") is True for node in (old, new)]
    if old is None and new is None:
        return
    if old is None or new is None:
        _one_sided(scope, old, new)
        return
    if required[0] != required[1]:
        rule, severity = "became-optional", Severity.NOTE
        if required[1]:
            rule, severity = "became-required", Severity.BREAKING
        where = location(new, "required")
        words = f"the request body {rule.replace('-', ' ')}"
        clauses = own_clauses(new)
        scope.add(
            f"request-body-{rule}",
            severity,
            words,
            side="request",
            subject="body",
            where=where,
            clauses=clauses,
            uses=("",) if required[1] else (),
        )
    compare_contents(
        scope, old, new, Part("request", "request-body", "body", "the request body", uses=("body",))
    )


def _one_sided(scope: Scope, old: LocatedDict | None, new: LocatedDict | None) -> None:
    if new is not None:
        required = new.get("required") is True
        kind = "required" if required else "optional"
        severity = Severity.BREAKING if required else Severity.NOTE
        words = f"the {kind} request body was added"
        where, uses = location(new), ("",) if required else ()
        scope.add(
            f"request-body-added-{kind}",
            severity,
            words,
            side="request",
            subject="body",
            where=where,
            uses=uses,
        )
    elif old is not None:
        words = "the request body was removed"
        scope.add(
            "request-body-removed",
            Severity.WARNING,
            words,
            side="request",
            subject="body",
            where=location(old),
            uses=("body",),
        )


def media_types(document: Document, node: LocatedDict) -> dict[str, tuple[str, LocatedDict, Any]]:
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


def compare_contents(scope: Scope, old: LocatedDict, new: LocatedDict, part: Part) -> None:
    """Compare what a body, an answer or a header of either direction may be made of."""
    mine, yours = media_types(scope.pair.old, old), media_types(scope.pair.new, new)
    for key, (name, media, where) in mine.items():
        twin = yours.get(key)
        if twin is None:
            words = f"{part.words} is no longer {name}"
            scope.add(
                f"{part.prefix}-media-type-removed",
                Severity.BREAKING,
                words,
                side=part.side,
                subject=f"{part.subject} {key}",
                where=where,
                uses=part.uses,
                clauses=part.clauses,
            )
            continue
        one, other = ((m["schema"],) if "schema" in m else () for m in (media, twin[1]))
        subject = part.subject if len(mine) == 1 else f"{part.subject} {key}"
        scope.schemas(
            one,
            other,
            Part(
                part.side,
                part.prefix,
                subject,
                part.words,
                where=twin[2],
                clauses=part.clauses,
                uses=part.uses,
            ),
        )
    for key, (name, _, where) in yours.items():
        if key not in mine:
            words = f"{part.words} may be {name} now"
            scope.add(
                f"{part.prefix}-media-type-added",
                Severity.NOTE,
                words,
                side=part.side,
                subject=f"{part.subject} {key}",
                where=where,
                clauses=part.clauses,
            )
