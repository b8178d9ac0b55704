"""Validation of control calls against the control document, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import orjson
from jsonschema_rs import Draft202012Validator, Registry
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from duologue.mockserver.control.errors import (
    ControlBodyTooLarge,
    NoRoute,
    Unreadable,
    WrongInput,
    WrongMethod,
)
from duologue.mockserver.control.guard import check_type
from duologue.mockserver.control.world.hints import hint
from duologue.mockserver.control.world.sentences import sentence
from duologue.mockserver.domain.limits import JSON_DEPTH
from duologue.mockserver.http.traffic import bounds, encodings
from duologue.openapi.references import resolved

if TYPE_CHECKING:
    from flask import Request

JSON, YAML = "application/json", "application/yaml"
_BASE = "urn:duologue:control"
_METHODS = {"get", "put", "post", "delete"}
_BOOLEANS = {"true": True, "false": False}
_MOST_ERRORS = 20  # enough to see what is wrong with a world; more would not be read
_MORE, _MORE_SAID = "...", "There is more; these come first."
_LONGEST = 240
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ValidatedCall:
    """A call whose path, query and body are valid."""

    operation_id: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation of the document: its parameters and body."""

    operation_id: str
    parameters: Mapping[str, Node]  # those of the query, by name
    types: frozenset[str]  # of the body; empty where it takes none
    body_at: tuple[str, ...]


class _Judged(NamedTuple):
    """A validator, and the document that its schema is in."""

    validator: Draft202012Validator
    document: Node


@dataclass
class CallValidator:
    """Find the operation of a call by path and method, and validate the call."""

    document: Node
    _validators: dict[tuple[str, ...], Draft202012Validator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._registry = Registry([(_BASE, dict(self.document))])
        rules = [
            Rule(path.replace("{", "<").replace("}", ">"), endpoint=path)
            for path in self.document["paths"]
        ]
        self._routes = Map(rules, merge_slashes=False).bind("")

    def read(self, request: Request, path: str) -> ValidatedCall:
        """Return the validated call of a request.

        Raise ControlBodyTooLarge, NoRoute, WrongMethod, WrongContentType, Unreadable or WrongInput.
        """
        limit_bytes = bounds.exceeded(request.environ)
        if limit_bytes is not None:
            raise ControlBodyTooLarge(limit_bytes)
        template, values = self._find(path)
        item = self.document["paths"][template]
        method = "get" if request.method == "HEAD" else request.method.lower()
        if method not in item or method not in _METHODS:
            raise WrongMethod(request.method, _allowed(item))
        call = self._call(template, item[method], method=method)
        check_type(request, call.types or {JSON})
        details: dict[str, list[str]] = {}
        self._judge_path(item[method], values, details)
        query = self._query(call, request, details)
        body = self._body(call, request, details)
        if details:
            raise WrongInput(details)
        return ValidatedCall(call.operation_id, values, query, body)

    # Finding.

    def _find(self, path: str) -> tuple[str, Mapping[str, Any]]:
        if path.startswith("/"):
            raise NoRoute(f"/_mock/{path}")  # werkzeug would take two slashes for one
        try:
            template, values = self._routes.match(f"/{path}")
        except NotFound:
            raise NoRoute(f"/_mock/{path}") from None
        return template, values

    def _call(self, template: str, described: Node, *, method: str) -> _Call:
        body = described.get("requestBody", {})
        at = ("paths", template, method, "requestBody", "content")
        return _Call(
            operation_id=described["operationId"],
            parameters={
                one["name"]: one["schema"]
                for one in map(self._followed, described.get("parameters", ()))
                if one["in"] == "query"
            },
            types=frozenset(body.get("content", ())),
            body_at=(*at, JSON, "schema"),
        )

    def _followed(self, node: Node) -> Node:
        return resolved(self.document, node)

    # Judging.

    def _judge_path(self, described: Node, values: Node, details: dict[str, list[str]]) -> None:
        for one in map(self._followed, described.get("parameters", ())):
            if one["in"] == "path":
                _judge(
                    _own(self._followed(one["schema"])), values[one["name"]], one["name"], details
                )

    def _query(
        self, call: _Call, request: Request, details: dict[str, list[str]]
    ) -> dict[str, Any]:
        found = {}
        for name, text in request.args.items():
            schema = call.parameters.get(name)
            if len(details) == _MOST_ERRORS:
                details[_MORE] = [_MORE_SAID]
                break
            if schema is None:
                details[name] = [_unknown(call.parameters)]
                continue
            found[name] = _CASTS.get(schema["type"], str)(text)
            _judge(_own(schema), found[name], name, details)
        return found

    def _body(self, call: _Call, request: Request, details: dict[str, list[str]]) -> Any:
        raw = _text(request)
        if not call.types:
            if raw and read(raw, request.mimetype) != {}:
                details["body"] = ["This call takes none."]
            return None
        body = read(raw, request.mimetype)
        _judge(_Judged(self._validator(call.body_at), self.document), body, "", details)
        return body

    def _validator(self, at: tuple[str, ...]) -> Draft202012Validator:
        if at not in self._validators:
            steps = (quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in at)
            self._validators[at] = Draft202012Validator(
                {"$ref": f"{_BASE}#/{'/'.join(steps)}"}, registry=self._registry
            )
        return self._validators[at]


def _text(request: Request) -> bytes:
    """Return the body as text; raise Unreadable or ControlBodyTooLarge if it cannot be decoded."""
    most = bounds.limit_of(request.environ)
    try:
        return encodings.text_of(request.environ, request.get_data(cache=True), most=most)
    except encodings.Undecodable as problem:
        raise Unreadable("text", problem.reason) from None
    except encodings.UnpackedTooLarge:
        raise ControlBodyTooLarge(most) from None


def read(raw: bytes, content_type: str) -> Any:
    """Parse a body by its content type; raise Unreadable."""
    if content_type == YAML:
        from duologue.mockserver.control.world import yaml as yaml_text  # noqa: PLC0415  few starts need YAML

        return yaml_text.from_yaml(raw)
    if bounds.is_too_deep(raw):
        raise Unreadable("JSON", f"it nests deeper than {JSON_DEPTH} levels")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Unreadable("JSON", error.msg if raw else "there is none") from error


def judged(schema: Node, value: Any) -> dict[str, list[str]]:
    """Return what is wrong with a value by a schema, by place."""
    details: dict[str, list[str]] = {}
    _judge(_own(schema), value, "", details)
    return details


def _judge(judge: _Judged, value: Any, root: str, details: dict[str, list[str]]) -> None:
    if judge.validator.is_valid(value):
        return
    for count, error in enumerate(judge.validator.iter_errors(value)):
        if count == _MOST_ERRORS:
            details.setdefault(_MORE, []).append(_MORE_SAID)
            return
        place = ".".join(filter(None, [root, *map(str, error.instance_path)])) or "body"
        said = _short(sentence(error, judge.document)) + hint(place, error.instance)
        if said not in details.setdefault(place, []):  # a rule of all and one of some say the same
            details[place].append(said)


def _own(schema: Node) -> _Judged:
    """Return the validator of a schema that refers to nothing outside of itself."""
    return _Judged(Draft202012Validator(dict(schema)), schema)


def _short(message: str) -> str:
    """Shorten a validator's message by the middle of a long quoted value."""
    if len(message) > _LONGEST:
        half = _LONGEST // 2
        message = f"{message[:half]} … {message[-half:]}"
    return message if message.endswith("?") else f"{message}."


def _allowed(item: Node) -> list[str]:
    return [name.upper() for name in ("get", "put", "post", "delete") if name in item]


def _unknown(known: Mapping[str, Node]) -> str:
    return f"This call knows {', '.join(known)}." if known else "This call knows no parameters."


def _to_integer(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


_CASTS: Mapping[str, Callable[[str], Any]] = {
    "integer": _to_integer,
    "boolean": lambda text: _BOOLEANS.get(text, text),
}
