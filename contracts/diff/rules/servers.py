"""Servers: the addresses that clients were told."""

from __future__ import annotations

from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import Scope
from duologue.contracts.diff.schemas.shape import key_of


def compare_servers(scope: Scope, old: LocatedDict, new: LocatedDict) -> None:
    """Compare the servers of two documents, path items or operations."""
    mine, yours = (
        {str(each.get("url", "")).rstrip("/"): each for each in document.sequence(node, "servers")}
        for document, node in ((scope.pair.old, old), (scope.pair.new, new))
    )
    for url, node in mine.items():
        if url not in yours:
            scope.add(
                "server-removed",
                Severity.WARNING,
                f"server {url or '/'} was removed",
                side="operation",
                subject=f"server {url}",
                where=location(node),
                uses=("",),
            )
        else:
            _variables(scope, url, node, yours[url])
    for url, node in yours.items():
        if url not in mine:
            scope.add(
                "server-added",
                Severity.NOTE,
                f"server {url or '/'} was added",
                side="operation",
                subject=f"server {url}",
                where=location(node),
            )


def _variables(scope: Scope, url: str, old: LocatedDict, new: LocatedDict) -> None:
    mine = scope.pair.old.mapping(old, "variables")
    yours = scope.pair.new.mapping(new, "variables")
    for name in [each for each in mine if each in yours]:
        before, after = mine[name], yours[name]
        kept = after.get("enum")
        gone = (
            [] if kept is None else [each for each in before.get("enum") or () if each not in kept]
        )
        if gone or (kept is not None and before.get("enum") is None):
            words = f"variable {name} of server {url} takes fewer values"
            scope.add(
                "server-variable-value-removed",
                Severity.WARNING,
                words,
                side="operation",
                subject=f"server {url} {name}",
                where=location(after, "enum"),
                detail=tuple(gone),
                uses=("",),
            )
        more = [each for each in kept or () if each not in (before.get("enum") or ())]
        if before.get("enum") is not None and (more or kept is None):
            words = f"variable {name} of server {url} takes more values"
            scope.add(
                "server-variable-value-added",
                Severity.NOTE,
                words,
                side="operation",
                subject=f"server {url} {name}",
                where=location(after, "enum"),
                detail=tuple(more),
            )
        if key_of(before.get("default")) != key_of(after.get("default")):
            words = f"variable {name} of server {url} has another default"
            scope.add(
                "server-variable-default-changed",
                Severity.WARNING,
                words,
                side="operation",
                subject=f"server {url} {name}",
                where=location(after, "default"),
                detail=(before.get("default"), after.get("default")),
                uses=("",),
            )
