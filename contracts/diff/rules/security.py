"""Security: who could call before has to be able to call now."""

from __future__ import annotations

from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import PartNotComparable
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import Scope, own_clauses
from duologue.contracts.diff.schemas.shape import key_of

IGNORED = ("description", "x-clauses")
Alternative = frozenset[tuple[str, str]]
"""Pairs of a scheme (as JSON, whatever its name) and a scope of it, or an empty scope."""


def compare_security(scope: Scope) -> None:
    """Compare the alternatives of credentials that an operation takes."""
    mine, yours = _alternatives(scope.pair.old, scope.old), _alternatives(scope.pair.new, scope.new)
    holder = scope.new if "security" in scope.new else scope.pair.new.root
    where = location(holder, "security") if "security" in holder else location(scope.new)
    for alternative, shown in mine.items():
        if not any(each <= alternative for each in yours):
            words = f"{shown} no longer suffices; needed is {' or '.join(yours.values())}"
            scope.add(
                "security-tightened",
                Severity.BREAKING,
                words,
                side="request",
                subject=f"security {shown}",
                where=where,
                uses=("",),
                detail=tuple(sorted(yours.values())),
                clauses=_clauses(scope),
            )
    added = [shown for each, shown in yours.items() if each not in mine]
    covered = all(any(each <= one for each in yours) for one in mine)
    if added and covered:
        words = f"{' or '.join(added)} suffices now"
        scope.add(
            "security-relaxed",
            Severity.NOTE,
            words,
            side="request",
            subject="security",
            where=where,
            detail=tuple(sorted(added)),
            clauses=_clauses(scope),
        )


def _clauses(scope: Scope) -> tuple[str, ...]:
    schemes = _schemes(scope.pair.new)
    return tuple(each for node in schemes.values() for each in own_clauses(node))


def _schemes(document: Document) -> dict[str, LocatedDict]:
    components = document.mapping(document.root, "components")
    schemes = document.mapping(components, "securitySchemes")
    return {name: document.resolve(schemes[name], name) for name in schemes}


def _alternatives(document: Document, node: LocatedDict) -> dict[Alternative, str]:
    holder = node if "security" in node else document.root
    given, schemes = document.sequence(holder, "security"), _schemes(document)
    found: dict[Alternative, str] = {}
    for requirement in given:
        pairs: set[tuple[str, str]] = set()
        for name, scopes in requirement.items():
            if name not in schemes:
                place = str(location(holder, "security"))
                raise PartNotComparable(place, f"no security scheme is called {name!r}")
            key = _identity(schemes[name])
            pairs |= {(key, ""), *((key, str(each)) for each in scopes or ())}
        shown = " and ".join(
            sorted(_shown(schemes[name], requirement[name]) for name in requirement)
        )
        found[frozenset(pairs)] = shown or "no credentials"
    return found or {frozenset(): "no credentials"}


def _identity(scheme: LocatedDict) -> str:
    plain: dict[str, Any] = {key: each for key, each in scheme.items() if key not in IGNORED}
    if plain.get("type") == "http":
        plain["scheme"] = str(plain.get("scheme")).lower()
        plain.pop("bearerFormat", None)
    if plain.get("type") == "oauth2":
        plain.pop("flows", None)  # scopes are compared where they are asked for
    if plain.get("in") == "header":
        plain["name"] = str(plain.get("name")).lower()
    return key_of(plain)


def _shown(scheme: LocatedDict, scopes: Any) -> str:
    words = [str(scheme.get(key)) for key in ("type", "in", "scheme", "name") if key in scheme]
    asked = f" ({', '.join(str(each) for each in scopes)})" if scopes else ""
    return " ".join(words) + asked
