"""Compiled validation of answers, and which clause speaks of the place that broke."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from duologue import openapi
from duologue.contracts.escaping import as_json
from duologue.openapi import replacement

Node = Mapping[str, Any]
Place = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete")
ANY = frozenset[str]()
# The clauses that a wrong shape breaks, and by which keywords (all where none is named). Other
# clauses stand at places of the document too, but speak of behaviour.
SPEAK_OF_SHAPE: Mapping[str, frozenset[str]] = {
    "properties.conversation-id-is-a-string": frozenset({"type", "required"}),
    "properties.conversation-id-format": frozenset({"pattern"}),
    "properties.conversation-type": ANY,
    "properties.unread-message-count-is-an-integer": ANY,
    "properties.last-message-is-an-object": ANY,
    "properties.conversation-with-is-an-object": ANY,
    "properties.created-at-is-unix-seconds": ANY,
    "properties.updated-at-is-unix-seconds": ANY,
    "key-behaviors.at-most-25-tags": frozenset({"maxItems"}),
    "key-behaviors.tags-up-to-100-characters": frozenset({"maxLength"}),
    "listing.pagination-adds-up": ANY,
}
_HALF_PAIRS = re.compile("[\ud800-\udfff]")
WRAPPERS = ("data", "conversation")


@dataclass(frozen=True, slots=True)
class Violation:
    """One place of an answer that is not as described; ``clause_id`` None where no clause says."""

    place: str
    rule: str
    actual: str
    clause_id: str | None


def iter_errors(validator: Any, value: Any) -> Iterator[Any]:
    """Yield what jsonschema-rs finds in a value; it takes no half of a surrogate pair.

    JSON may write one as an escape. U+FFFD, which is as long, is judged in its place.
    """
    try:
        return iter(validator.iter_errors(value))
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=False)
        return iter(validator.iter_errors(json.loads(_HALF_PAIRS.sub("\ufffd", text))))


class ResponseSchemas:
    """The document's shapes of successful answers, compiled once."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._schemas = dict(_successes(document))
        self._validators = {name: self._compiled(at) for name, at in self._schemas.items()}

    def _compiled(self, schema: Node) -> Callable[[Any], Iterator[Any]]:
        # Imported here: 'contracts list' needs no validator.
        import jsonschema_rs  # noqa: PLC0415

        whole = {**schema, "components": self._document["components"]}
        validator: Any = jsonschema_rs.validator_for(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}
        )
        return lambda body: iter_errors(validator, body)

    def violations(self, operation_id: str, body: Any) -> tuple[Violation, ...]:
        """Return where the body of a 200 answer is not as the document describes it."""
        schema = self._schemas[operation_id]
        return tuple(self._told(schema, error) for error in self._validators[operation_id](body))

    def _told(self, schema: Node, error: Any) -> Violation:
        keyword, place = error.kind.name, tuple(error.instance_path)
        missing = keyword == "required"
        if missing:
            place = (*place, error.kind.property)
        rule = "it is there" if missing else f"{keyword}: {_rule(error.kind)}"
        actual = "it is missing" if missing else as_json(error.instance)
        return Violation(_name(place), rule, actual, self.clause_at(schema, place, keyword=keyword))

    def clause_at(self, schema: Node, place: Place, *, keyword: str) -> str | None:
        """Return the clause on this place's shape, or else on the nearest one around it."""
        around = [self._resolved([schema])]
        for step in place:
            around.append(self._resolved(list(_below(around[-1], step))))
        for nodes in reversed(around):
            for name in (name for node in nodes for name in node.get("x-clauses", ())):
                keywords = SPEAK_OF_SHAPE.get(name)
                if keywords is not None and (not keywords or keyword in keywords):
                    return str(name)
        return None

    def _resolved(self, nodes: Sequence[Node]) -> list[Node]:
        """Return these schemas, and all that they refer to or apply in place."""
        resolved: list[Node] = []
        waiting = list(nodes)
        while waiting:
            node = waiting.pop(0)
            resolved.append(node)
            if "$ref" in node:
                waiting.append(self._at(node["$ref"]))
            waiting += [part for word in ("allOf", "anyOf", "oneOf") for part in node.get(word, ())]
            waiting += [node[word] for word in ("then", "else") if word in node]
        return resolved

    def _at(self, reference: str) -> Node:
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return dict(node)


def shapes() -> ResponseSchemas:
    """Return the shapes of the document in use."""
    return _shapes(replacement.in_use())


@cache
def _shapes(source: Path | None) -> ResponseSchemas:
    del source  # what `load` reads
    return ResponseSchemas(openapi.load())


def _successes(document: Node) -> Iterator[tuple[str, Node]]:
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                content = item[method]["responses"]["200"]["content"]
                yield item[method]["operationId"], content["application/json"]["schema"]


def _rule(kind: Any) -> str:
    """Return what a keyword demands, as the document writes it."""
    many = kind.value if isinstance(kind.value, list) else [kind.value]
    return ", ".join(str(each) for each in many)


def _below(nodes: Sequence[Node], step: str | int) -> Iterator[Node]:
    for node in nodes:
        if isinstance(step, int):
            if isinstance(node.get("items"), dict):
                yield node["items"]
        elif step in node.get("properties", {}):
            yield node["properties"][step]


def _name(place: Place) -> str:
    """Return a place's name: the same in a single conversation, in a list, in an answer."""
    names = [step for step in place if isinstance(step, str)]
    while len(names) > 1 and names[0] in WRAPPERS:
        names.pop(0)
    return ".".join(names) or "the body"
