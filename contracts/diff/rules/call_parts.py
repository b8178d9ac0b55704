"""Parts of callbacks and webhooks: the parameters the server sends, the headers it is answered.

What the server sends may only get narrower, what it takes for an answer may only get wider.
"""

from __future__ import annotations

from dataclasses import dataclass

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, Location, location
from duologue.contracts.diff.rules.context import OperationPart, Scope
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.rules.parameters import LocatedParameter, parameters, schema_of
from duologue.contracts.diff.rules.responses import headers_of
from duologue.contracts.diff.rules.uncompared import TEXTS, whole_text

OF_PARAMETERS = ("name", "in", "required", "style", "explode", "schema", "content", "deprecated")
OF_HEADERS = ("required", "schema", "content", "deprecated")
BREAKING, WARNING, NOTE = Severity.BREAKING, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True)
class LocatedCall:
    """One call of the server's to the client; ``title`` is how findings call it."""

    kind: str  # callback or webhook
    title: str
    expression: str
    where: Location | None
    item: LocatedDict
    node: LocatedDict


def add_of_call(  # noqa: PLR0913 - one word for each field of a finding
    scope: Scope,
    call: LocatedCall,
    change: str,
    *,
    severity: Severity,
    words: str,
    part: str = "",
    where: Location | None = None,
    detail: tuple[str, ...] = (),
) -> None:
    """Add a finding of a call; ``part`` names the parameter or header that it is about."""
    side = "request" if change.startswith("response") else "response"
    scope.add(
        f"{call.kind}-{change}",
        severity,
        words,
        side=side if "-" in change else "operation",
        subject=f"{call.title} {part}".strip(),
        where=where or call.where,
        detail=detail,
        uses=("",),
    )


def part_of(
    call: LocatedCall, side: str, prefix: str, words: str, *, status: str = ""
) -> OperationPart:
    """Return a part of a call that has a schema; ``side`` is who sends, as in an operation."""
    subject = f"{call.title} {status or 'body'}"
    return OperationPart(
        side, f"{call.kind}-{prefix}", subject, words, where=call.where, uses=("",)
    )


def compare_call_parameters(scope: Scope, old: LocatedCall, new: LocatedCall) -> None:
    """Compare what the server sends beside the body: it may leave nothing out that it sent."""
    found = paired(
        parameters(scope.pair.old, old.item, scope.old, {}),
        parameters(scope.pair.new, new.item, scope.new, {}),
    )
    for each in found.gone.values():
        severity = BREAKING if each.required else WARNING
        _add_of_parameter(scope, new, each, "removed", severity, "was removed")
    for before, after in found.kept.values():
        _compare_parameter(scope, new, before, after)
    for each in found.added.values():
        _add_of_parameter(scope, new, each, "added", NOTE, "was added")


def _add_of_parameter(  # noqa: PLR0913, PLR0917 - the fields of a finding
    scope: Scope,
    call: LocatedCall,
    parameter: LocatedParameter,
    change: str,
    severity: Severity,
    words: str,
    detail: tuple[str, ...] = (),
) -> None:
    add_of_call(
        scope,
        call,
        f"parameter-{change}",
        severity=severity,
        words=f"parameter {parameter.subject} of {call.title} {words}",
        part=parameter.subject,
        where=location(parameter.node, "name"),
        detail=detail,
    )


def _compare_parameter(
    scope: Scope, call: LocatedCall, old: LocatedParameter, new: LocatedParameter
) -> None:
    if old.required != new.required:
        word, severity = ("required", NOTE) if new.required else ("optional", BREAKING)
        _add_of_parameter(scope, call, new, f"became-{word}", severity, f"became {word}")
    one, other = schema_of(scope.pair.old, old.node), schema_of(scope.pair.new, new.node)
    before, after = (f"{each.style[0]}, explode {each.style[1]}" for each in (old, new))
    if (before, one[0]) != (after, other[0]):
        before, after = (before, after) if one[0] == other[0] else (one[0], other[0])
        words = f"is written in another way: {before} became {after}"
        _add_of_parameter(scope, call, new, "style-changed", BREAKING, words, (before, after))
        return
    words = f"parameter {new.subject} of {call.title}"
    subject = f"{call.title} {new.subject}"
    prefix, where = f"{call.kind}-parameter", location(new.node)
    part = OperationPart("response", prefix, subject, words, where=where, uses=("",))
    scope.schemas(one[1], other[1], part)


def compare_call_headers(
    scope: Scope, call: LocatedCall, status: str, old: LocatedDict, new: LocatedDict
) -> None:
    """Compare the headers with which a client answers: none may be asked for that was not."""
    found = paired(headers_of(scope.pair.old, old), headers_of(scope.pair.new, new))
    for key, (name, node, where) in (found.gone | found.added).items():
        is_added, is_required = key in found.added, node.get("required") is True
        add_of_call(
            scope,
            call,
            f"response-header-{'added' if is_added else 'removed'}",
            severity=BREAKING if is_added and is_required else NOTE,
            words=f"header {name} of {status} of {call.title} was"
            f" {'added' if is_added else 'removed'}",
            part=f"{status} header {key}",
            where=where,
        )
    for key, ((_, before, _), (name, after, where)) in found.kept.items():
        words = f"header {name} of {status} of {call.title}"
        part = f"{status} header {key}"
        was_required, is_required = (each.get("required") is True for each in (before, after))
        if was_required != is_required:
            word, severity = ("required", BREAKING) if is_required else ("optional", NOTE)
            add_of_call(
                scope,
                call,
                f"response-header-became-{word}",
                severity=severity,
                words=f"{words} became {word}",
                part=part,
                where=where,
            )
        one, other = schema_of(scope.pair.old, before)[1], schema_of(scope.pair.new, after)[1]
        prefix, subject = f"{call.kind}-response-header", f"{call.title} {part}"
        scope.schemas(
            one,
            other,
            OperationPart("request", prefix, subject, words, where=where, uses=("",)),
        )


def uncompared_words(document: Document, call: LocatedCall) -> list[str]:
    """Return what parameters and headers say that no rule here compares, where they say any."""
    nodes = [
        (each.subject, "", each.node.without(*OF_PARAMETERS, *TEXTS))
        for each in parameters(document, call.item, call.node, {}).values()
    ]
    answers = document.mapping(call.node, "responses")
    for status in answers:
        answer = document.resolve(answers[status], status)
        for key, (_, node, _) in headers_of(document, answer).items():
            written_as = schema_of(document, node)[0].replace("its style", "")
            nodes.append((f"{status} {key}", written_as, node.without(*OF_HEADERS, *TEXTS)))
    return sorted(
        f"{name} {written_as} {whole_text(document, node)}"
        for name, written_as, node in nodes
        if node or written_as
    )
