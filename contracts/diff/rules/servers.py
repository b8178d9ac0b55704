"""Servers: the addresses that clients were told."""

from __future__ import annotations

from collections.abc import Sequence

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import Scope
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.schemas.shape import key_of

DEFAULT = ""  # the address of a document that names no server


def compare_servers(scope: Scope, old: Sequence[LocatedDict], new: Sequence[LocatedDict]) -> None:
    """Compare the servers of two documents; of an operation, where it or its path item has some."""
    mine, yours = _servers(scope.pair.old, old), _servers(scope.pair.new, new)
    servers = paired(mine, yours)
    for url, node in servers.gone.items():
        if yours or url != DEFAULT:
            _add_server(scope, Severity.WARNING, "removed", url=url, node=node)
    for url, (before, after) in servers.kept.items():
        _variables(scope, url, before, after)
    for url, node in servers.added.items():
        if mine or url != DEFAULT:
            _add_server(scope, Severity.NOTE, "added", url=url, node=node)


def _servers(document: Document, holders: Sequence[LocatedDict]) -> dict[str, LocatedDict]:
    """Return the servers of the first holder that has some, else of the document, by address."""
    for node in (*holders, document.root):
        if node.get("servers"):
            return {
                _address(each.get("url", "")): each for each in document.sequence(node, "servers")
            }
    return {}


def _address(url: object) -> str:
    """Return an address in its usual form: its host in small letters, no slash at the end."""
    scheme, colon, rest = str(url).partition("://")
    host, slash, path = rest.partition("/")
    if colon and "{" not in scheme + host:
        scheme, host = scheme.lower(), host.lower()
    return (scheme + colon + host + slash + path).rstrip("/")


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
