"""Operations: matched by method and path, then compared part by part."""

from __future__ import annotations

import datetime as dt
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import DiffFinding, Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.bodies import compare_bodies
from duologue.contracts.diff.rules.callbacks import compare_callbacks, compare_webhooks
from duologue.contracts.diff.rules.context import Pair, Scope
from duologue.contracts.diff.rules.parameters import compare_parameters
from duologue.contracts.diff.rules.paths import LocatedOperation, operations, twins
from duologue.contracts.diff.rules.responses import compare_responses
from duologue.contracts.diff.rules.security import compare_security
from duologue.contracts.diff.rules.servers import compare_servers
from duologue.contracts.diff.rules.uncompared import compare_uncompared


def compare(old: Document, new: Document, today: dt.date) -> list[DiffFinding]:
    """Return the findings of two documents; raise RunNotMade for what cannot be compared."""
    return compare_pair(Pair(old, new), today)


def compare_pair(pair: Pair, today: dt.date) -> list[DiffFinding]:
    """Return the findings of two documents by what compares their schemas; raise RunNotMade."""
    old, new = pair.old, pair.new
    every = twins(operations(old), operations(new))
    found = [_removed(each, today) for each in every.gone]
    for before, after in every.kept:
        scope = Scope(pair, after.name, after.key, before.node, after.node)
        _compare_one(scope, before, after)
        found += scope.found
    for each in every.added:
        found += _added(pair, each)
    whole = Scope(pair, "", "", old.root, new.root)
    compare_servers(whole, (), ())
    compare_webhooks(whole)
    compare_uncompared(whole, "jsonSchemaDialect")
    return found + whole.found


def _added(pair: Pair, operation: LocatedOperation) -> list[DiffFinding]:
    scope = Scope(pair, operation.name, operation.key, LocatedDict("", 1), operation.node)
    where = location(operation.item, operation.method)
    words = f"{operation.name} was added"
    scope.add("operation-added", Severity.NOTE, words, side="operation", where=where)
    return scope.found


def _removed(operation: LocatedOperation, today: dt.date) -> DiffFinding:
    sunset = _date(operation.node.get("x-sunset"))
    past = operation.node.get("deprecated") is True and sunset is not None and sunset < today
    severity = Severity.NOTE if past else Severity.BREAKING
    words = f", after its sunset on {sunset}" if past else ""
    scope = Scope.__new__(Scope)
    scope.name, scope.key, scope.found, scope.call = operation.name, operation.key, [], ""
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
    compare_callbacks(scope, renamed)
    if any("servers" in node for node in (old.node, old.item, new.node, new.item)):
        compare_servers(scope, (old.node, old.item), (new.node, new.item))


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
