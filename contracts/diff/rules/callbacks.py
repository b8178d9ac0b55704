"""Callbacks and webhooks: the server calls the client, so each direction is the other one.

What the server sends may only get narrower, what it takes for an answer may only get wider.
"""

from __future__ import annotations

from typing import Any

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.located import LocatedDict, location
from duologue.contracts.diff.rules.bodies import compare_contents
from duologue.contracts.diff.rules.call_parts import (
    LocatedCall,
    add_of_call,
    compare_call_headers,
    compare_call_parameters,
    part_of,
    uncompared_words,
)
from duologue.contracts.diff.rules.context import Scope
from duologue.contracts.diff.rules.pairing import paired
from duologue.contracts.diff.rules.paths import METHODS
from duologue.contracts.diff.rules.uncompared import TEXTS, whole_text

COMPARED = (
    *("requestBody", "responses", "parameters", "operationId", "tags", "deprecated", "callbacks"),
    *TEXTS,
)


def compare_callbacks(scope: Scope, renamed: dict[str, str]) -> None:
    """Compare an operation's callbacks; `renamed` maps old names of path parameters to new."""
    _compare(
        scope,
        _calls(scope.pair.old, scope.old, "callback", renamed),
        _calls(scope.pair.new, scope.new, "callback", {}),
    )


def compare_webhooks(scope: Scope) -> None:
    """Compare the webhooks of two documents."""
    _compare(
        scope,
        _calls(scope.pair.old, scope.old, "webhook", {}),
        _calls(scope.pair.new, scope.new, "webhook", {}),
    )


def _calls(
    document: Document, node: LocatedDict, kind: str, renamed: dict[str, str]
) -> dict[tuple[str, ...], LocatedCall]:
    """Return the calls by name, expression (where a callback has several) and method."""
    found: dict[tuple[str, ...], LocatedCall] = {}
    named = document.mapping(node, f"{kind}s")
    for name in named:
        given = document.resolve(named[name], name)
        items = {"": given}
        if kind == "callback":
            items = {
                _renamed(each, renamed): document.resolve(given[each], each)
                for each in given
                if not each.startswith("x-")
            }
        for expression, item in items.items():
            place = expression if len(items) > 1 else ""
            for method in [each for each in METHODS if each in item]:
                call = document.resolve(item[method], f"{kind} {name}")
                title = f"{kind} {name} ({' '.join(filter(None, (method.upper(), place)))})"
                where = location(item, method)
                found[name, place, method] = LocatedCall(kind, title, expression, where, item, call)
    return found


def _renamed(expression: str, renamed: dict[str, str]) -> str:
    for before, after in renamed.items():
        expression = expression.replace(f"$request.path.{before}}}", f"$request.path.{after}}}")
    return expression


def _compare(
    scope: Scope, old: dict[tuple[str, ...], LocatedCall], new: dict[tuple[str, ...], LocatedCall]
) -> None:
    found = paired(old, new)
    for call in found.gone.values():
        words = f"{call.title} was removed: the server no longer calls"
        inner = scope.inside(scope.old, scope.new, call=call.title)
        add_of_call(inner, call, "removed", severity=Severity.BREAKING, words=words)
    for before, after in found.kept.values():
        _compare_one(scope.inside(before.node, after.node, call=after.title), before, after)
    for call in found.added.values():
        words = f"{call.title} was added: the server calls the client there"
        inner = scope.inside(scope.old, scope.new, call=call.title)
        add_of_call(inner, call, "added", severity=Severity.NOTE, words=words)


def _compare_one(scope: Scope, old: LocatedCall, new: LocatedCall) -> None:
    if old.expression != new.expression:
        words = f"{new.title}: the address {old.expression} became {new.expression}"
        add_of_call(scope, new, "address-changed", severity=Severity.WARNING, words=words)
    compare_call_parameters(scope, old, new)
    _compare_bodies(scope, new)
    _compare_answers(scope, new)
    if _rest(scope.pair.old, old) != _rest(scope.pair.new, new):
        words = f"{new.title} changed in what no rule compares in detail"
        add_of_call(scope, new, "changed", severity=Severity.WARNING, words=words)


def _rest(document: Document, call: LocatedCall) -> str:
    """Return what no rule compares of a call: links, security, servers, rare words."""
    answers = document.mapping(call.node, "responses")
    around: dict[str, Any] = {
        name: document.resolve(answers[name], name).without("content", "headers", *TEXTS)
        for name in answers
    }
    parts = [call.node.without(*COMPARED), call.item.without("parameters", *METHODS, *TEXTS)]
    told = sorted((name, whole_text(document, each)) for name, each in around.items() if each)
    beside = uncompared_words(document, call)
    return f"{[whole_text(document, each) for each in parts]} {told} {beside}"


def _compare_bodies(scope: Scope, call: LocatedCall) -> None:
    """Compare what the server sends: it may leave nothing out that it sent before."""
    old, new = (
        document.resolve(node["requestBody"], "requestBody") if "requestBody" in node else None
        for document, node in ((scope.pair.old, scope.old), (scope.pair.new, scope.new))
    )
    was_sent, is_sent = (each is not None and each.get("required") is True for each in (old, new))
    words = f"the body of {call.title}"
    if old is not None and new is None:
        severity = Severity.BREAKING if was_sent else Severity.WARNING
        add_of_call(
            scope, call, "request-body-removed", severity=severity, words=f"{words} was removed"
        )
    elif old is None and new is not None:
        change = "request-body-added"
        add_of_call(scope, call, change, severity=Severity.NOTE, words=f"{words} was added")
    elif old is not None and new is not None:
        if was_sent != is_sent:
            change = f"request-body-became-{'required' if is_sent else 'optional'}"
            severity = Severity.NOTE if is_sent else Severity.BREAKING
            told = f"{words} became {'required' if is_sent else 'optional'}"
            add_of_call(scope, call, change, severity=severity, words=told)
        compare_contents(scope, old, new, part_of(call, "response", "request-body", words))


def _compare_answers(scope: Scope, call: LocatedCall) -> None:
    """Compare what the client may answer: what was taken before has to be taken."""
    old = scope.pair.old.mapping(scope.old, "responses")
    new = scope.pair.new.mapping(scope.new, "responses")
    found = paired(old, new)
    for status in found.gone:
        severity = Severity.BREAKING if status[:1] in "123" else Severity.WARNING
        words = f"{call.title}: the answer {status} was removed"
        add_of_call(scope, call, "response-status-removed", severity=severity, words=words)
    for status, (before, after) in found.kept.items():
        one = scope.pair.old.resolve(before, f"response {status}")
        other = scope.pair.new.resolve(after, f"response {status}")
        words = f"the body of {status} of {call.title}"
        compare_contents(
            scope, one, other, part_of(call, "request", "response-body", words, status=status)
        )
        compare_call_headers(scope, call, status, one, other)
    for status in found.added:
        words = f"{call.title}: the answer {status} was added"
        add_of_call(scope, call, "response-status-added", severity=Severity.NOTE, words=words)
