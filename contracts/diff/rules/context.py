"""What the rules share: both documents, the operation at hand, and the findings so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import DiffFinding, Severity
from duologue.contracts.diff.located import LocatedDict, Location, location
from duologue.contracts.diff.schemas.change import Effect, SchemaChange
from duologue.contracts.diff.schemas.changes import SchemaComparison
from duologue.contracts.diff.schemas.shape import Schemas
from duologue.contracts.diff.schemas.shapes import Shapes
from duologue.contracts.diff.schemas.witness import DocumentSchemas, Witnesses

SHOWN = {"property": ".{}", "item": "[]", "additional": ".*", "pattern": ".*"}


class SchemaDirection:
    """What compares the schemas of requests, or those of answers."""

    def __init__(self, old: Document, new: Document, *, unsent: str) -> None:
        shapes = (Shapes(old, unsent=unsent), Shapes(new, unsent=unsent))
        self.comparison = SchemaComparison(*shapes)
        self.witnesses = Witnesses(DocumentSchemas(shapes[0]), DocumentSchemas(shapes[1]))
        self.new_shapes = shapes[1]


class Pair:
    """Two documents and what compares their schemas."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self._requests = SchemaDirection(old, new, unsent="readOnly")
        self._answers = SchemaDirection(old, new, unsent="writeOnly")

    def direction(self, *, request: bool) -> SchemaDirection:
        """Return what compares the schemas of a direction."""
        return self._requests if request else self._answers


@dataclass
class Scope:
    """One operation of both documents; ``key`` is the same whatever its path parameters' names.

    ``call`` names the callback or webhook at hand, and is empty for the operation itself.
    """

    pair: Pair
    name: str
    key: str
    old: LocatedDict
    new: LocatedDict
    found: list[DiffFinding] = field(default_factory=list)
    call: str = ""

    def add(  # noqa: PLR0913 - one word for each field of a finding
        self,
        rule: str,
        severity: Severity,
        sentence: str,
        *,
        side: str,
        subject: str = "",
        where: Location | None = None,
        detail: tuple[Any, ...] = (),
        clauses: tuple[str, ...] = (),
        witness: tuple[Any, ...] = (),
        uses: tuple[str, ...] = (),
    ) -> None:
        """Add a finding; the operation's own place and clauses stand in for missing ones."""
        place = where or location(self.new) or location(self.old) or Location(self.name, 1)
        if not clauses:
            clauses = own_clauses(self.new) or own_clauses(self.old)
        head = (rule, severity, self.name, side, subject, sentence, place)
        tail = (detail, clauses, witness, self.key, self.call, uses)
        self.found.append(DiffFinding(*head, *tail))

    def inside(self, old: LocatedDict, new: LocatedDict, *, call: str) -> Scope:
        """Return the scope of a callback or webhook; its findings are told among these."""
        return Scope(self.pair, self.name, self.key, old, new, self.found, call)

    def schemas(self, old: Schemas, new: Schemas, part: OperationPart) -> None:
        """Add a finding for each difference of two schemas, in the part's direction."""
        for change in self.pair.direction(request=part.request).comparison.changes(old, new):
            self._schema_finding(old, new, part, change)

    def _schema_finding(
        self, old: Schemas, new: Schemas, part: OperationPart, change: SchemaChange
    ) -> None:
        severity, request = _severity(change, part), part.request
        witness: tuple[Any, ...] = ()
        sentence = f"{part.shown(change)}: {change.words}"
        hurts = change.effect in _HURTS[request]
        if hurts or (change.exclusive and change.effect is not Effect.NONE):
            witnesses = self.pair.direction(request=request).witnesses
            search = witnesses.search(old, new, change, request=request)
            witness = search.values
            if witness or search.is_known:
                severity = Severity.BREAKING
                sentence += "" if witness else " (a value in other operations shows it)"
            elif hurts:
                severity = Severity.WARNING
                sentence += " (no value that shows a break was found within the budget)"
        elif change.kind in ("property-added", "property-removed"):
            if self._is_said_elsewhere(new, part, change):
                return
            removed = change.kind == "property-removed"
            severity = Severity.WARNING if removed else Severity.NOTE
        gone = change.kind.endswith("-removed")
        where = change.old_where if gone and not change.new_where else change.new_where
        if change.kind in ("property-removed", *_GONE) and change.old_where is not None:
            where = change.old_where
        self.add(
            part.rule(change),
            severity,
            sentence,
            side=part.side,
            subject=f"{part.subject} {path(change)}".strip(),
            where=where or change.new_where or change.old_where or part.where,
            detail=change.detail,
            clauses=change.clauses or part.clauses,
            witness=witness,
            uses=part.uses_of(change),
        )

    def _is_said_elsewhere(self, new: Schemas, part: OperationPart, change: SchemaChange) -> bool:
        """Tell whether the finding that the property is no longer required says it all."""
        if part.request or change.kind != "property-removed":
            return False
        name, required = change.detail
        answers = self.pair.direction(request=False)
        leaf = answers.witnesses.new.leaf(new, change.steps)
        return bool(required == "required" and name not in answers.new_shapes.shape(leaf).required)


@dataclass(frozen=True)
class OperationPart:
    """One part of an operation that has a schema, and how findings call it."""

    side: str  # request or response
    prefix: str  # of the rule ids: request-body, response-header …
    subject: str
    words: str
    where: Location | None = None
    clauses: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    default_counts: bool = False

    @property
    def request(self) -> bool:
        """Tell whether the client sends it."""
        return self.side == "request"

    def rule(self, change: SchemaChange) -> str:
        """Return the id of the rule that a difference breaks."""
        is_whole = self.prefix in ("request-body", "response-body")
        if change.kind in ("property-added", "property-removed"):
            is_call = self.prefix.startswith(("callback-", "webhook-"))
            return f"{self.prefix if is_call else self.side}-{change.kind}"
        inner = any(word not in ("branch", "then", "else") for word, _ in _longer(change))
        if change.kind in ("became-required", "became-optional") or inner:
            stem = f"{self.side}-property" if is_whole else self.prefix
            return f"{stem}-{change.kind}"
        return f"{self.prefix}-{change.kind}"

    def shown(self, change: SchemaChange) -> str:
        """Return the place of a difference in words."""
        place = path(change)
        return f"{self.words} at {place}" if place else self.words

    def uses_of(self, change: SchemaChange) -> tuple[str, ...]:
        """Return what a consumer uses who is hit by a difference of this part."""
        place = path(change)
        if change.kind == "property-removed":
            place = f"{place}.{change.detail[0]}".lstrip(".")
        if not place or change.kind == "became-required" or not self.prefix.endswith("-body"):
            return self.uses
        return tuple(f"{each} {place}" for each in self.uses)


_HURTS = {
    True: (Effect.NARROWER, Effect.BOTH),
    False: (Effect.WIDER, Effect.BOTH),
}
_GONE = (
    *("enum-value-removed", "pattern-removed", "format-removed", "condition-removed"),
    *("any-of-branch-removed", "one-of-branch-removed", "enum-removed", "became-optional"),
)


_WARNED = (
    *("nullable-without-type-added", "nullable-without-type-removed", "discriminator-removed"),
    *("discriminator-property-changed", "discriminator-value-removed"),
    "discriminator-value-changed",
)


def _severity(change: SchemaChange, part: OperationPart) -> Severity:
    if change.kind in _WARNED:
        return Severity.WARNING
    if change.kind == "default-changed" and part.default_counts:
        return Severity.WARNING if None in change.detail else Severity.BREAKING
    return Severity.NOTE


def _longer(change: SchemaChange) -> tuple[Any, ...]:
    return max(change.steps, change.old_steps, key=len)


def path(change: SchemaChange) -> str:
    """Return the place of a difference in a value: `data.tags[]`, empty for the whole."""
    steps: Iterator[str] = (SHOWN.get(word, "").format(name) for word, name in _longer(change))
    return "".join(steps).lstrip(".")


def own_clauses(node: Any) -> tuple[str, ...]:
    """Return the clauses that a part of a document names itself."""
    named = node.get("x-clauses") if isinstance(node, dict) else None
    return tuple(str(each) for each in named) if isinstance(named, list) else ()
