"""Parameters of path, query, header and cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import PartNotComparable
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.context import OperationPart, Scope, own_clauses
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.schemas.shape import Schemas

STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
IGNORED = {"accept", "content-type", "authorization"}  # OpenAPI: such definitions say nothing

Key = tuple[str, str]


@dataclass(frozen=True)
class LocatedParameter:
    """One parameter, its references followed."""

    place: str
    name: str
    node: LocatedDict

    @property
    def subject(self) -> str:
        """Return `query.page` and the like."""
        return f"{self.place}.{self.name}"

    @property
    def required(self) -> bool:
        """Tell whether a request has to have it."""
        return self.place == "path" or self.node.get("required") is True

    @property
    def style(self) -> tuple[str, bool]:
        """Return style and explode, their defaults filled in."""
        style = str(self.node.get("style", STYLES[self.place]))
        explode = self.node.get("explode", style == "form")
        return style, explode is True


def parameters(
    document: Document, item: LocatedDict, node: LocatedDict, names: dict[str, str]
) -> dict[Key, LocatedParameter]:
    """Return an operation's parameters, the path item's included; `names` renames path ones."""
    found: dict[Key, LocatedParameter] = {}
    for holder in (item, node):
        for each in document.sequence(holder, "parameters"):
            parameter = document.resolve(each, "parameters")
            place, name = str(parameter.get("in")), str(parameter.get("name"))
            if place not in STYLES or "name" not in parameter:
                where = str(location(parameter))
                raise PartNotComparable(where, "a parameter lacks its name or says a wrong 'in'")
            key = (place, name.lower() if place == "header" else name)
            if place == "path":
                key = (place, names.get(name, name))
            if place != "header" or key[1] not in IGNORED:
                found[key] = LocatedParameter(place, name, parameter)
    return found


def compare_parameters(
    scope: Scope, old_item: LocatedDict, new_item: LocatedDict, renamed: dict[str, str]
) -> None:
    """Compare the parameters of an operation; `renamed` maps old names of path ones to new."""
    mine = parameters(scope.pair.old, old_item, scope.old, renamed)
    yours = parameters(scope.pair.new, new_item, scope.new, {})
    found = paired(mine, yours)
    for parameter in found.gone.values():
        _gone(scope, parameter)
    for before, after in found.kept.values():
        _compare_one(scope, before, after)
    for parameter in found.added.values():
        _added(scope, parameter)


def _gone(scope: Scope, parameter: LocatedParameter) -> None:
    scope.add(
        "request-parameter-removed",
        Severity.WARNING,
        f"parameter {parameter.subject} was removed",
        side="request",
        subject=parameter.subject,
        where=location(parameter.node, "name"),
        clauses=own_clauses(parameter.node),
        uses=(parameter.subject,),
    )


def _added(scope: Scope, parameter: LocatedParameter) -> None:
    required = parameter.required
    kind = "required" if required else "optional"
    scope.add(
        f"new-{kind}-request-parameter",
        Severity.BREAKING if required else Severity.NOTE,
        f"the {kind} parameter {parameter.subject} was added",
        side="request",
        subject=parameter.subject,
        where=location(parameter.node, "name"),
        clauses=own_clauses(parameter.node),
        uses=("",) if required else (),
    )


def _compare_one(scope: Scope, old: LocatedParameter, new: LocatedParameter) -> None:
    clauses = own_clauses(new.node) or own_clauses(old.node)

    def add(rule: str, severity: Severity, words: str, key: str, detail: tuple[Any, ...]) -> None:
        scope.add(
            f"request-parameter-{rule}",
            severity,
            f"parameter {new.subject} {words}",
            side="request",
            subject=new.subject,
            where=location(new.node, key) or location(old.node, key),
            detail=detail,
            clauses=clauses,
            uses=("",) if rule == "became-required" else (old.subject,),
        )

    if new.required != old.required:
        rule, severity = "became-optional", Severity.NOTE
        if new.required:
            rule, severity = "became-required", Severity.BREAKING
        add(rule, severity, rule.replace("-", " "), "required", ())
    if old.style != new.style:
        words = (
            f"style {old.style[0]}, explode {old.style[1]} became {new.style[0]}, {new.style[1]}"
        )
        key = "style" if old.style[0] != new.style[0] else "explode"
        add(
            "style-changed",
            Severity.BREAKING,
            f"is written in another way: {words}",
            key,
            (*old.style, *new.style),
        )
    for word in ("allowEmptyValue", "allowReserved"):
        _allowance(add, old, new, word)
    if new.node.get("deprecated") is True and old.node.get("deprecated") is not True:
        add("deprecated", Severity.NOTE, "became deprecated", "deprecated", ())
    _schemas(scope, old, new, clauses)


def _allowance(add: Any, old: LocatedParameter, new: LocatedParameter, word: str) -> None:
    before, after = (each.node.get(word) is True for each in (old, new))
    kebab = {"allowEmptyValue": "empty-value", "allowReserved": "reserved"}[word]
    if before and not after:
        add(f"{kebab}-forbidden", Severity.BREAKING, f"has {word} no longer", word, ())
    elif after and not before:
        add(f"{kebab}-allowed", Severity.NOTE, f"has {word} now", word, ())


def _schemas(
    scope: Scope, old: LocatedParameter, new: LocatedParameter, clauses: tuple[str, ...]
) -> None:
    one, other = schema_of(scope.pair.old, old.node), schema_of(scope.pair.new, new.node)
    if one[0] != other[0]:
        scope.add(
            "request-parameter-content-changed",
            Severity.BREAKING,
            f"parameter {new.subject} is written as {other[0]}, not {one[0]}",
            side="request",
            subject=new.subject,
            where=location(new.node, "content") or location(new.node, "schema"),
            detail=(one[0], other[0]),
            clauses=clauses,
            uses=(old.subject,),
        )
        return
    part = OperationPart(
        *("request", "request-parameter", new.subject, f"parameter {new.subject}"),
        where=location(new.node),
        clauses=clauses,
        uses=(old.subject,),
        default_counts=True,
    )
    scope.schemas(one[1], other[1], part)


def schema_of(document: Document, node: LocatedDict) -> tuple[str, Schemas]:
    """Return how a parameter or header is written (its media type), and its schemas."""
    content = document.mapping(node, "content")
    for name in content:
        media = document.resolve(content[name], name)
        return name, (media["schema"],) if "schema" in media else ()
    return "its style", (node["schema"],) if "schema" in node else ()
