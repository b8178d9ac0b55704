"""Requests against the document: parameters and bodies that it does not describe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from duologue import openapi
from duologue.contracts.http.response_schemas import iter_errors
from duologue.contracts.proxy.exchange import ReadExchange
from duologue.openapi.references import resolved

_INTEGER = re.compile("-?[0-9]{1,19}")
Node = dict[str, Any]
LIMITS = {
    "maxItems": "key-behaviors.at-most-25-tags",
    "maxLength": "key-behaviors.tags-up-to-100-characters",
}


@dataclass(frozen=True, slots=True)
class Undescribed:
    """A part of a request that the document does not describe; a clause that says so, or None."""

    place: str
    rule: str
    actual: str
    clause_id: str | None = None


class RequestSchemas:
    """The parameters and bodies of the document's operations, compiled once."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._queries: dict[str, dict[str, tuple[Node, Any]]] = {}
        self._bodies: dict[str, Any] = {}
        for item in document["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict):
                    self._compile(operation, item.get("parameters", []))

    def _compile(self, operation: Node, shared: list[Node]) -> None:
        name = operation["operationId"]
        given = [self._resolved(each) for each in (*shared, *operation.get("parameters", []))]
        self._queries[name] = {
            each["name"]: (each, self._validator(each["schema"]))
            for each in given
            if each["in"] == "query"
        }
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        if "application/json" in content:
            self._bodies[name] = self._validator(content["application/json"]["schema"])

    def undescribed(self, exchange: ReadExchange) -> Iterator[Undescribed]:
        """Yield what the request holds beyond the document."""
        name = exchange.operation.id
        for parameter, raw in exchange.raw_query.items():
            yield from self._parameter(name, parameter, raw)
        if exchange.raw.content:
            yield from self._body(name, exchange)

    def _parameter(self, name: str, parameter: str, raw: str) -> Iterator[Undescribed]:
        known = self._queries[name].get(parameter)
        if known is None:
            yield Undescribed(f"query parameter {parameter}", "a parameter of the document", raw)
            return
        if not raw:
            return  # an empty value counts as none, as forms send it
        description, validator = known
        for error in iter_errors(validator, self._value(description, raw)):
            yield Undescribed(f"query parameter {parameter}", error.message, unquote(raw))

    def _body(self, name: str, exchange: ReadExchange) -> Iterator[Undescribed]:
        validator = self._bodies.get(name)
        if validator is None:
            yield Undescribed("the body", "no body", f"{len(exchange.raw.content)} bytes")
            return
        for error in iter_errors(validator, exchange.body):
            place = ".".join(str(each) for each in error.instance_path if isinstance(each, str))
            clause_id = LIMITS.get(error.kind.name) if place == "tags" else None
            yield Undescribed(place or "the body", error.message, repr(error.instance), clause_id)

    def _value(self, parameter: Node, raw: str) -> Any:
        """Return a parameter's text as the kind of value that its schema wants, where it can."""
        schema = self._resolved(parameter["schema"])
        if schema.get("type") == "array":
            return [unquote(each) for each in raw.split(",")]
        text = unquote(raw.replace("+", " "))
        if schema.get("type") == "integer" and _INTEGER.fullmatch(text):
            return int(text)
        words = {"true": True, "false": False}
        return words.get(text, text) if schema.get("type") == "boolean" else text

    def _validator(self, schema: Node) -> Any:
        # Imported here: 'contracts list' needs no validator.
        import jsonschema_rs  # noqa: PLC0415

        dialect = "https://json-schema.org/draft/2020-12/schema"
        whole = {"$schema": dialect, **schema, "components": self._document["components"]}
        make: Callable[[Node], Any] = jsonschema_rs.validator_for
        return make(whole)

    def _resolved(self, node: Node) -> Node:
        return resolved(self._document, node)


def bundled() -> RequestSchemas:
    """Return the requests of the contract's own document."""
    return RequestSchemas(openapi.load())
