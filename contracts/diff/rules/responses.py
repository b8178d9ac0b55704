"""Answers: status codes, headers, media types and links."""

from __future__ import annotations

from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, Location, location
from duologue.contracts.diff.rules.bodies import compare_contents
from duologue.contracts.diff.rules.context import OperationPart, Scope, own_clauses
from duologue.contracts.diff.rules.parameters import schema_of
from duologue.contracts.diff.rules.paths import path_names, template
from duologue.contracts.diff.schemas.shape import key_of


def compare_responses(scope: Scope, renamed: dict[str, str]) -> None:
    """Compare the answers of an operation; `renamed` maps old names of path parameters to new."""
    old = scope.pair.old.mapping(scope.old, "responses")
    new = scope.pair.new.mapping(scope.new, "responses")
    for status in old:
        twins = _covering(status, new)
        if not twins:
            _gone(scope, status, old)
        for twin in twins:
            one = scope.pair.old.resolve(old[status], f"response {status}")
            other = scope.pair.new.resolve(new[twin], f"response {twin}")
            shown = twin if len(twins) > 1 else status
            _compare_one(scope, shown, one, other)
            _links(scope, shown, one, other, renamed)
    for status in new:
        if status not in old:
            node = scope.pair.new.resolve(new[status], f"response {status}")
            scope.add(
                "response-status-added",
                Severity.NOTE,
                f"status {status} was added",
                side="response",
                subject=status,
                where=location(new, status),
                clauses=own_clauses(node),
            )


def _covering(status: str, statuses: LocatedDict) -> list[str]:
    """Return the keys that describe a status: itself, its range, those in it, `default`."""
    ranges = (f"{status[:1]}XX", f"{status[:1]}xx")
    found = next((each for each in (status, *ranges) if each in statuses), None)
    if found is not None:
        return [found]
    if status in ranges:
        within = [each for each in statuses if each[:1] == status[:1] and each[1:].isdigit()]
    else:
        within = []
    is_error = status[:1] in "45"
    return within or (["default"] if is_error and "default" in statuses else [])


def _gone(scope: Scope, status: str, responses: LocatedDict) -> None:
    success = status[:1] in "123"
    severity = Severity.BREAKING if success else Severity.WARNING
    kind = "success" if success else "error"
    node = scope.pair.old.resolve(responses[status], f"response {status}")
    scope.add(
        f"response-{kind}-status-removed",
        severity,
        f"status {status} was removed",
        side="response",
        subject=status,
        where=location(responses, status),
        clauses=own_clauses(node),
        uses=(f"status {status}",),
    )


def _compare_one(scope: Scope, status: str, old: LocatedDict, new: LocatedDict) -> None:
    clauses = own_clauses(new) or own_clauses(old)
    uses = (f"status {status}",)
    part = OperationPart(
        "response",
        "response-body",
        status,
        f"the body of {status}",
        clauses=clauses,
        where=location(new),
        uses=uses,
    )
    compare_contents(scope, old, new, part)
    mine, yours = headers_of(scope.pair.old, old), headers_of(scope.pair.new, new)
    for key, (name, header, where) in mine.items():
        _header(scope, status, (name, header, where), yours.get(key))
    for key, (name, _, where) in yours.items():
        if key not in mine:
            words = f"header {name} of {status} was added"
            scope.add(
                "response-header-added",
                Severity.NOTE,
                words,
                side="response",
                subject=f"{status} header {key}",
                where=where,
            )


def headers_of(
    document: Document, node: LocatedDict
) -> dict[str, tuple[str, LocatedDict, Location | None]]:
    """Return an answer's headers by their names in small letters: name, header, place."""
    headers = document.mapping(node, "headers")
    return {
        name.lower(): (name, document.resolve(headers[name], name), location(headers, name))
        for name in headers
        if name.lower() != "content-type"  # OpenAPI: such a definition says nothing
    }


def _header(scope: Scope, status: str, old: Any, new: Any) -> None:
    name, header, where = old
    required = header.get("required") is True
    words = f"header {name} of {status}"
    subject, uses = f"{status} header {name.lower()}", (f"status {status}",)
    if new is None:
        kind = "required" if required else "optional"
        severity = Severity.BREAKING if required else Severity.WARNING
        scope.add(
            f"response-{kind}-header-removed",
            severity,
            f"{words} was removed",
            side="response",
            subject=subject,
            where=where,
            uses=uses,
            clauses=own_clauses(header),
        )
        return
    twin, clauses = new[1], own_clauses(new[1]) or own_clauses(header)
    if required != (twin.get("required") is True):
        rule, severity = "became-required", Severity.NOTE
        if required:
            rule, severity = "became-optional", Severity.BREAKING
        scope.add(
            f"response-header-{rule}",
            severity,
            f"{words} {rule.replace('-', ' ')}",
            side="response",
            subject=subject,
            where=location(twin, "required"),
            uses=uses,
            clauses=clauses,
        )
    one, other = schema_of(scope.pair.old, header)[1], schema_of(scope.pair.new, twin)[1]
    part = OperationPart(
        "response", "response-header", subject, words, where=new[2], clauses=clauses, uses=uses
    )
    scope.schemas(one, other, part)


def _links(
    scope: Scope, status: str, old: LocatedDict, new: LocatedDict, renamed: dict[str, str]
) -> None:
    before, after = (
        d.mapping(n, "links") for d, n in ((scope.pair.old, old), (scope.pair.new, new))
    )
    for name in before:
        subject = f"{status} link {name}"
        if name not in after:
            scope.add(
                "response-link-removed",
                Severity.WARNING,
                f"link {name} of {status} was removed",
                side="response",
                subject=subject,
                where=location(before, name),
            )
            continue
        one = _link(scope.pair.old, before[name], renamed)
        other = _link(scope.pair.new, after[name], {})
        if key_of(one) != key_of(other):
            node = scope.pair.new.resolve(after[name], name)
            scope.add(
                "response-link-changed",
                Severity.WARNING,
                f"link {name} of {status} changed",
                side="response",
                subject=subject,
                where=location(node),
            )
    for name in after:
        if name not in before:
            scope.add(
                "response-link-added",
                Severity.NOTE,
                f"link {name} of {status} was added",
                side="response",
                subject=f"{status} link {name}",
                where=location(after, name),
            )


def _link(document: Document, given: Any, renamed: dict[str, str]) -> dict[str, Any]:
    """Return what a link says, its operation by method and path, its parameters by their names."""
    node = document.resolve(given, "link")
    names = _path_names(document)
    target = names.get(str(node.get("operationId")), node.get("operationRef"))
    parameters: dict[str, Any] = {}
    positions = target[1] if isinstance(target, tuple) else []
    for key, value in document.mapping(node, "parameters").items():
        bare = key.removeprefix("path.")
        shown = f"path{positions.index(bare)}" if bare in positions else key
        text = str(value)
        for before, after in renamed.items():
            text = text.replace(f"$request.path.{before}", f"$request.path.{after}")
        parameters[shown] = text if isinstance(value, str) else value
    where = target[0] if isinstance(target, tuple) else target
    return {"to": where, "parameters": parameters, "body": node.get("requestBody")}


def _path_names(document: Document) -> dict[str, tuple[str, list[str]]]:
    """Return operationId -> method and path without names, and the names in their order."""
    found: dict[str, tuple[str, list[str]]] = {}
    paths = document.mapping(document.root, "paths")
    for path in paths:
        if not path.startswith("/"):
            continue
        for method, node in document.resolve(paths[path], path).items():
            if isinstance(node, dict) and "operationId" in node:
                key = f"{method} {template(path)}"
                found[str(node["operationId"])] = (key, path_names(path))
    return found
