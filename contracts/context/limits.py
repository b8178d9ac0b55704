"""The limits of tags and pages, as the document in use gives them, and tags at the limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from duologue import openapi
from duologue.openapi import replacement
from duologue.openapi.references import resolved

WORDS = [
    "🎂 birthday",
    "👩‍👩‍👧",
    "семья",
    "家族",
    "naïve",
    'quotes "and" \\ slash',
    "a,b",
    "<b>&amp;</b>",
    "100 %_",
    "Friend",
]
Node = Mapping[str, Any]


class LimitMissing(Exception):
    """The document does not give a limit that clauses judge by."""

    def __init__(self, keyword: str, place: str) -> None:
        self.keyword, self.place = keyword, place
        super().__init__(f"it gives no {keyword} for {place}, which clauses judge by")


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of the document: of tags and their characters, of conversations on a page."""

    most_tags: int
    longest_tag: int
    largest_page: int
    usual_page: int


def limits() -> Limits:
    """Return the limits of the document in use; raise LimitMissing."""
    return _limits(replacement.in_use())


@cache
def _limits(source: Path | None) -> Limits:
    del source  # what `load` reads
    document = openapi.load()
    body = _operation(document, "updateUserConversation")["requestBody"]
    schema = _at(document, body, "content", "application/json", "schema")
    tags = _at(document, schema, "properties", "tags")
    tag = _at(document, tags, "items")
    page = _parameter(document, "listConversations", "perPage")
    return Limits(
        _number(tags, "maxItems", "tags"),
        _number(tag, "maxLength", "a tag"),
        _number(page, "maximum", "perPage"),
        _number(page, "default", "perPage"),
    )


def _operation(document: Node, name: str) -> Node:
    return next(
        {**operation, "parameters": [*item.get("parameters", ()), *operation.get("parameters", ())]}
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )


def _parameter(document: Node, operation: str, name: str) -> Node:
    described: Iterable[Node] = (
        _at(document, each) for each in _operation(document, operation)["parameters"]
    )
    return next(
        (_at(document, each, "schema") for each in described if each.get("name") == name), {}
    )


def _at(document: Node, node: Node, *steps: str) -> Node:
    """Return what stands below a node; references are followed, a missing step gives nothing."""
    for step in (*steps, None):
        if isinstance(node, dict):
            node = resolved(document, node)
        if step is not None:
            node = node.get(step, {})
    return node


def _number(schema: Node, keyword: str, place: str) -> int:
    value = schema.get(keyword)
    if not isinstance(value, int):
        raise LimitMissing(keyword, place)
    return value


def many(count: int) -> dict[str, list[str]]:
    """Return a request body with that many short tags, all different."""
    return {"tags": [f"tag {n}" for n in range(1, count + 1)]}
