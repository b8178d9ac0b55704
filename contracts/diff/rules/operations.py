"""Operations: matched by method and path, then compared part by part."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import DiffFinding, Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.bodies import compare_bodies
from duologue.contracts.diff.rules.context import Pair, Scope
from duologue.contracts.diff.rules.parameters import compare_parameters
from duologue.contracts.diff.rules.responses import compare_responses
from duologue.contracts.diff.rules.security import compare_security
from duologue.contracts.diff.rules.servers import compare_servers
from duologue.contracts.diff.schemas.shape import key_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAMED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class LocatedOperation:
    """One operation of one document."""

    key: str
    path: str
    method: str
    item: LocatedDict
    node: LocatedDict

    @property
    def name(self) -> str:
        """Return how findings call it."""
        return f"{self.method.upper()} {self.path}"

    @property
    def path_names(self) -> list[str]:
        """Return the names of the path's parameters in their order."""
        return _NAMED.findall(self.path)


def operations(document: Document) -> dict[str, LocatedOperation]:
    """Return the operations by method and path, names of path parameters left out."""
    found: dict[str, LocatedOperation] = {}
    paths = document.mapping(document.root, "paths")
    for path, given in paths.items():
        if not path.startswith("/"):
            continue
        item = document.resolve(given, path)
        for method in METHODS:
            if method in item:
                node = document.resolve(item[method], f"{method} {path}")
                key = f"{method.upper()} {_NAMED.sub('{}', path)}"
                found[key] = LocatedOperation(key, path, method, item, node)
    return found


def compare(old: Document, new: Document, today: dt.date) -> list[DiffFinding]:
    """Return the findings of two documents; raise RunNotMade for what cannot be compared."""
    pair = Pair(old, new)
    mine, yours = operations(old), operations(new)
    found: list[DiffFinding] = []
    for key, operation in mine.items():
        if key not in yours:
            found.append(_removed(operation, today))
    for key, operation in yours.items():
        scope = Scope(pair, operation.name, key, LocatedDict("", 1), operation.node)
        if key in mine:
            scope = Scope(pair, operation.name, key, mine[key].node, operation.node)
            _compare_one(scope, mine[key], operation)
        else:
            where = location(operation.item, operation.method)
            sentence = f"{operation.name} was added"
            scope.add("operation-added", Severity.NOTE, sentence, side="operation", where=where)
        found += scope.found
    whole = Scope(pair, "", "", old.root, new.root)
    compare_servers(whole, old.root, new.root)
    _other_parts(whole)
    return found + whole.found


def _removed(operation: LocatedOperation, today: dt.date) -> DiffFinding:
    sunset = _date(operation.node.get("x-sunset"))
    past = operation.node.get("deprecated") is True and sunset is not None and sunset < today
    severity = Severity.NOTE if past else Severity.BREAKING
    words = f", after its sunset on {sunset}" if past else ""
    scope = Scope.__new__(Scope)
    scope.name, scope.key, scope.found = operation.name, operation.key, []
    scope.old = scope.new = operation.node
    scope.add(
        "operation-removed-after-sunset" if past else "operation-removed",
        severity,
        f"{operation.name} was removed{words}",
        side="operation",
        where=location(operation.item, operation.method),
        uses=("",),
    )
    return scope.found[0]


def _compare_one(scope: Scope, old: LocatedOperation, new: LocatedOperation) -> None:
    renamed = dict(zip(old.path_names, new.path_names, strict=True))
    _compare_words(scope)
    compare_parameters(scope, old.item, new.item, renamed)
    compare_bodies(scope)
    compare_responses(scope, renamed)
    compare_security(scope)
    for word in ("callbacks",):
        _not_compared(scope, word)
    for one, other in ((old.node, new.node), (old.item, new.item)):
        if "servers" in one or "servers" in other:
            compare_servers(scope, one, other)


def _compare_words(scope: Scope) -> None:
    old, new = scope.old, scope.new
    before, after = old.get("operationId"), new.get("operationId")
    if before != after:
        sentence = f"operationId {before} became {after}"
        where = location(new, "operationId")
        scope.add(
            *("operation-id-changed", Severity.WARNING, sentence),
            side="operation",
            where=where,
            detail=(before, after),
            uses=("",),
        )
    deprecated = [node.get("deprecated") is True for node in (old, new)]
    sunset = new.get("x-sunset")
    where = location(new, "x-sunset" if "x-sunset" in new else "deprecated")
    if deprecated == [False, True]:
        severity = Severity.WARNING if _date(sunset) is None else Severity.NOTE
        until = "and names no day (x-sunset)" if _date(sunset) is None else f"until {sunset}"
        sentence = f"it became deprecated {until}"
        scope.add("operation-deprecated", severity, sentence, side="operation", where=where)
    elif deprecated == [True, False]:
        scope.add(
            "operation-reactivated", Severity.NOTE, "it is no longer deprecated", side="operation"
        )
    elif deprecated == [True, True] and old.get("x-sunset") != sunset:
        _sunset(scope, old.get("x-sunset"), sunset)


def _sunset(scope: Scope, before: Any, after: Any) -> None:
    one, other = _date(before), _date(after)
    earlier = one is not None and other is not None and other < one
    rule, severity = "sunset-changed", Severity.NOTE
    if earlier:
        rule, severity = "sunset-brought-forward", Severity.BREAKING
    elif other is None:
        rule, severity = "sunset-removed", Severity.WARNING
    where = location(scope.new, "x-sunset")
    sentence = f"the sunset {before} became {after}"
    detail = (before, after)
    scope.add(rule, severity, sentence, side="operation", where=where, detail=detail, uses=("",))


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _not_compared(scope: Scope, word: str) -> None:
    old, new = scope.old.get(word), scope.new.get(word)
    if key_of(old) == key_of(new):
        return
    scope.add(
        f"{word}-changed",
        Severity.WARNING,
        f"{word} changed, and no rule compares them",
        side="operation",
        where=location(scope.new, word) or location(scope.old, word),
    )


def _other_parts(whole: Scope) -> None:
    for word in ("webhooks",):
        _not_compared(whole, word)
