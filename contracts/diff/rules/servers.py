"""Servers: the addresses that clients were told."""

from __future__ import annotations

from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import Scope
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.schemas.shape import key_of


def compare_servers(scope: Scope, old: LocatedDict, new: LocatedDict) -> None:
    """Compare the servers of two documents, path items or operations."""
    mine, yours = (
        {str(each.get("url", "")).rstrip("/"): each for each in document.sequence(node, "servers")}
        for document, node in ((scope.pair.old, old), (scope.pair.new, new))
    )
    servers = paired(mine, yours)
    for url, node in servers.gone.items():
        _add_server(scope, Severity.WARNING, "removed", url=url, node=node)
    for url, (before, after) in servers.kept.items():
        _variables(scope, url, before, after)
    for url, node in servers.added.items():
        _add_server(scope, Severity.NOTE, "added", url=url, node=node)


def _add_server(
    scope: Scope, severity: Severity, change: str, *, url: str, node: LocatedDict
) -> None:
    scope.add(
        f"server-{change}",
        severity,
        f"server {url or '/'} was {change}",
        side="operation",
        subject=f"server {url}",
        where=location(node),
        uses=_uses(severity),
    )


def _variables(scope: Scope, url: str, old: LocatedDict, new: LocatedDict) -> None:
    mine = scope.pair.old.mapping(old, "variables")
    yours = scope.pair.new.mapping(new, "variables")
    for name, (before, after) in paired(mine, yours).kept.items():
        variable = _Variable(scope, url, name, after=after)
        variable.compare_values(before.get("enum"), after.get("enum"))
        defaults = (before.get("default"), after.get("default"))
        if key_of(defaults[0]) != key_of(defaults[1]):
            variable.add(
                Severity.WARNING,
                "default-changed",
                "has another default",
                at="default",
                detail=defaults,
            )


class _Variable:
    """One variable of a server that both documents have."""

    def __init__(self, scope: Scope, url: str, name: str, *, after: LocatedDict) -> None:
        self.scope, self.url, self.name, self.after = scope, url, name, after

    def compare_values(self, before: list[object] | None, after: list[object] | None) -> None:
        """Compare the values that it may have; None lets every value through."""
        gone = [each for each in before or () if after is not None and each not in after]
        if gone or (before is None and after is not None):
            self.add(
                Severity.WARNING, "value-removed", "takes fewer values", at="enum", detail=(*gone,)
            )
        more = [each for each in after or () if each not in (before or ())]
        if before is not None and (more or after is None):
            self.add(Severity.NOTE, "value-added", "takes more values", at="enum", detail=(*more,))

    def add(
        self, severity: Severity, change: str, words: str, *, at: str, detail: tuple[object, ...]
    ) -> None:
        """Add a finding at one key of the variable."""
        self.scope.add(
            f"server-variable-{change}",
            severity,
            f"variable {self.name} of server {self.url} {words}",
            side="operation",
            subject=f"server {self.url} {self.name}",
            where=location(self.after, at),
            detail=detail,
            uses=_uses(severity),
        )


def _uses(severity: Severity) -> tuple[str, ...]:
    """Return what a consumer uses who is hit: the operation itself, but by no note."""
    return () if severity is Severity.NOTE else ("",)
