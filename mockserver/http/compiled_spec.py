"""The operations of a document, compiled once into validators.

A validator accepts or refuses a request in 5 us. The reasons are found elsewhere (see
`error_details`), since finding them takes a thousand times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator, Registry

from duologue.mockserver.domain.limits import LIST_VALUES, NUMBER_DIGITS, PER_PAGE
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.errors import AnswerBroken
from duologue.mockserver.http.traffic import shown_rows

_BASE = "urn:duologue:document"
_METHODS = ("get", "put", "post", "delete", "patch")
# Longer text stays text, which no schema of a number takes: Python reads 4,300 digits at most.
_INTEGER = re.compile(rf"-?[0-9]{{1,{NUMBER_DIGITS}}}\Z", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

Document = Mapping[str, Any]


def _to_integer(text: str) -> Any:
    return int(text) if _INTEGER.match(text) else text


def _to_boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


def _as_it_is(text: str) -> Any:
    return text


_CASTS: dict[str, Callable[[str], Any]] = {
    "integer": _to_integer,
    "boolean": _to_boolean,
}


def _types(schema: Document) -> list[str]:
    """Return the type of each alternative of a schema, of the schema itself if it has none."""
    return [str(one.get("type", "")) for one in schema.get("anyOf", [schema])]


def _is_flag(schema: Document) -> bool:
    """Return whether a schema takes true and false, and 1 and 0 for them."""
    return _types(schema)[:2] == ["integer", "boolean"]


def _cast(schema: Document) -> Callable[[str], Any]:
    """Return how text becomes a value of the schema's type."""
    if _is_flag(schema):
        return lambda text: _BOOLEANS[text] if text in _BOOLEANS else _to_integer(text)
    return _CASTS.get(_types(schema)[0], _as_it_is)


@rule("T18")
def _short_list(is_valid: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a validator of lists that takes no more than `LIST_VALUES` values."""
    return lambda values: len(values) <= LIST_VALUES and is_valid(values)


class Parameter(NamedTuple):
    """One parameter: how its text is converted, and which values are valid."""

    name: str
    place: str  # path | query | header
    type: str
    required: bool
    cast: Callable[[str], Any]
    is_valid: Callable[[Any], bool]
    default: Any = None


class CompiledOperation(NamedTuple):
    """One operation: the validators of its requests and answers."""

    id: str
    path: str
    method: str
    parameters: tuple[Parameter, ...]
    needs_body: bool
    body: Draft202012Validator | None  # None where none is taken
    answers: Mapping[int, Draft202012Validator]
    query_names: frozenset[str] = frozenset()
    usual_page: int = PER_PAGE  # what the document gives as default of perPage
    fields: frozenset[str] | None = None  # of the body; None where the document leaves them open
    most_rows: Mapping[int, int] = MappingProxyType({})  # of lists, see `_most_rows`

    def check(self, status: int, body: Any) -> None:
        """Raise AnswerBroken unless the document allows this answer."""
        validator = self.answers.get(status)
        if validator is None:
            raise AnswerBroken(self.id, status, f"no answer {status} is described")
        most = self.most_rows.get(status)
        is_valid = (
            validator.is_valid(body) if most is None else shown_rows.is_valid(body, validator, most)
        )
        if not is_valid:
            error = next(iter(validator.iter_errors(body)))
            where = "/".join(map(str, error.instance_path)) or "the body"
            raise AnswerBroken(self.id, status, f"{where}: {error.message}")


def _usual_page(parameters: Iterable[Parameter]) -> int:
    """Return how many a page holds where the request does not say."""
    defaults = [each.default for each in parameters if each.name == "perPage"]
    return next((each for each in defaults if type(each) is int), PER_PAGE)


class CompiledSpec:
    """The operations of a bundled document, each compiled on its first use.

    All thirty at once take 35 ms, which would delay the start of the mock.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._kept: dict[str, CompiledOperation] = {}
        self._places = {
            described["operationId"]: (path, method)
            for path, item in document["paths"].items()
            for method, described in item.items()
            if method in _METHODS
        }

    @cached_property
    def _registry(self) -> Registry:
        return Registry([(_BASE, dict(self._document))])

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._places

    def places(self) -> list[tuple[str, str, str]]:
        """Return id, path and method of each operation in the document's order."""
        return [(name, path, method.upper()) for name, (path, method) in self._places.items()]

    def __getitem__(self, operation_id: str) -> CompiledOperation:
        kept = self._kept.get(operation_id)
        if kept is None:
            path, method = self._places[operation_id]
            kept = self._operation(self._document["paths"][path], method, path=path)
            self._kept[operation_id] = kept
        return kept

    def _operation(self, item: Document, method: str, *, path: str) -> CompiledOperation:
        described, at = item[method], ("paths", path, method)
        body, at_body = self._follow(described.get("requestBody", {}), (*at, "requestBody"))
        at_schema = (*at_body, "content", "application/json", "schema")
        parameters = tuple(self._parameters(item, method, path=path))
        return CompiledOperation(
            id=described["operationId"],
            path=path,
            method=method.upper(),
            parameters=parameters,
            needs_body=body.get("required", False),
            body=self._validator(at_schema) if body else None,
            answers=self._answers(described["responses"], (*at, "responses")),
            query_names=frozenset(one.name for one in parameters if one.place == "query"),
            usual_page=_usual_page(parameters),
            fields=self._fields(at_schema) if body else None,
            most_rows=dict(self._most_rows(described["responses"], (*at, "responses"))),
        )

    def _fields(self, at: tuple[str, ...]) -> frozenset[str] | None:
        """Return the names of the fields that a body may have, None where any will do."""
        properties = self._follow(self._at(at), at)[0].get("properties")
        return None if properties is None else frozenset(properties)

    def _parameters(self, item: Document, method: str, *, path: str) -> list[Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        for at in (("paths", path, "parameters"), ("paths", path, method, "parameters")):
            listed = item.get("parameters", ()) if len(at) == 3 else item[method].get("parameters")
            for place, referred in enumerate(listed or ()):
                described, where = self._follow(referred, (*at, str(place)))
                parameter = self._parameter(described, where)
                found[parameter.place, parameter.name] = parameter
        return list(found.values())

    def _parameter(self, described: Document, at: tuple[str, ...]) -> Parameter:
        schema, _ = self._follow(described["schema"], (*at, "schema"))
        is_valid = self._validator((*at, "schema")).is_valid
        return Parameter(
            name=described["name"],
            place=described["in"],
            type="boolean" if _is_flag(schema) else str(schema.get("type", "")),
            required=described.get("required", False),
            cast=_cast(schema),
            default=schema.get("default"),
            is_valid=_short_list(is_valid) if schema.get("type") == "array" else is_valid,
        )

    def _answers(self, responses: Document, at: tuple[str, ...]) -> dict[int, Draft202012Validator]:
        found = {}
        for status, referred in responses.items():
            _, where = self._follow(referred, (*at, status))
            found[int(status)] = self._validator((*where, "content", "application/json", "schema"))
        return found

    def _most_rows(self, responses: Document, at: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Yield the status and `maxItems` of each list whose rows can be checked one by one."""
        for status, referred in responses.items():
            _, where = self._follow(referred, (*at, status))
            schema = self._at((*where, "content", "application/json", "schema"))
            rows = self._follow(schema, where)[0].get("properties", {}).get("data", {})
            told = {name for name in rows if not name.startswith("x-")}
            if told == {"type", "description", "maxItems", "items"} and rows["type"] == "array":
                yield int(status), rows["maxItems"]

    def _at(self, steps: Iterable[str]) -> Any:
        node: Any = self._document
        for step in steps:
            node = node[step]
        return node

    def _follow(self, node: Document, at: tuple[str, ...]) -> tuple[Document, tuple[str, ...]]:
        """Return the node that a chain of references ends at, and its path."""
        while "$ref" in node:
            at = tuple(node["$ref"].removeprefix("#/").split("/"))
            node = self._at(at)
        return node, at

    def _validator(self, at: tuple[str, ...]) -> Draft202012Validator:
        steps = (quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in at)
        return Draft202012Validator(
            {"$ref": f"{_BASE}#/{'/'.join(steps)}"}, registry=self._registry
        )
