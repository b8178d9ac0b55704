"""The reasons for a refusal, field by field, as openapi-core finds them.

Imported with the first refusal: openapi-core takes half a second to import and a millisecond for
each request, which accepted requests must not pay.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema.exceptions import ValidationError
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.request.exceptions import (
    InvalidParameter,
    MissingParameterError,
    MissingRequiredRequestBody,
    ParameterValidationError,
    RequestBodyValidationError,
    SecurityValidationError,
)
from werkzeug.datastructures import Headers, ImmutableMultiDict

from duologue.mockserver.domain.limits import LIST_VALUES
from duologue.mockserver.http import openapi_core_config, query
from duologue.mockserver.http.compiled_spec import CompiledOperation
from duologue.mockserver.http.request_parser import value_of
from duologue.mockserver.http.traffic.bounds import body_of

if TYPE_CHECKING:
    from flask import Request

Details = dict[str, list[str]]
_LARGE_BYTES = 16 * 1024  # 300 MiB of refused bodies waited for the garbage collector
_MOST_KEPT = 128  # narrowed documents, each a few kilobytes beside the whole one

_TYPES = {
    "string": "Not text.",
    "integer": "Not a whole number.",
    "boolean": "Neither true nor false.",
    "array": "Not a list.",
    "object": "Not an object.",
    "['object', 'array']": "Not an object.",
    "['integer', 'boolean']": "Neither true nor false.",
}
_SENTENCES = {  # of the value and the limit
    "maximum": "{0} is more than the maximum of {1}.",
    "minimum": "{0} is less than the minimum of {1}.",
    "maxLength": "Longer than {1} characters.",
    "minLength": "Shorter than {1} characters.",
    "maxItems": "More than {1} items.",
    "minItems": "Fewer than {1} items.",
    "pattern": "Not of the form {1}.",
}
# What openapi-core gives a DeprecationWarning for, an error where a test suite makes it one.
_WARNED_OF = {"allowEmptyValue", "deprecated"}
_NO_JSON = "The content type has to be application/json."
_NO_UPLOADS = (  # readings T17: what is not played is refused by its name
    "The mock plays no uploads. Send application/json, with the address of each file as"
    " data.attachments[].url."
)
_THINGS = {
    "uid": "uid",
    "onBehalfOf": "uid",
    "owner": "uid",
    "guid": "guid",
    "id": "message number",
    "messageId": "message number",
    "conversationId": "conversation id",
}


class ErrorDetails:
    """Finds the reasons for refusals by one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._apis: dict[Suspects, OpenAPI] = {}

    def details(
        self, operation: CompiledOperation, request: Request, path: Mapping[str, str]
    ) -> Details:
        """Return the reasons for each field that was not accepted."""
        found: Details = {}
        api = self._reduced_spec(_suspects(operation, request, path))
        for error in api.iter_request_errors(_OpenApiRequest(operation, request, path)):
            for name, reason in _reasons(error, operation):
                found.setdefault(name, []).append(reason)
            _release(error)
        if len(body_of(request)) >= _LARGE_BYTES:
            gc.collect(0)  # the errors of alternatives that jsonschema drops are circles, too
        return found or _strict_details(operation, request, path)

    def _reduced_spec(self, suspects: Suspects) -> OpenAPI:
        """Return the document with one operation and those parameters that were not accepted.

        openapi-core takes half a millisecond for each parameter.
        """
        known = self._apis.get(suspects)
        if known is None:
            if len(self._apis) >= _MOST_KEPT:
                self._apis.clear()
            narrow = {**self._document, "paths": _paths(self._document, suspects)}
            known = self._apis[suspects] = OpenAPI.from_dict(
                narrow, config=openapi_core_config.config()
            )
        return known


class Suspects(NamedTuple):
    """The operation and the parameters that the compiled validators do not accept."""

    path: str
    method: str
    parameters: frozenset[tuple[str, str]]  # place and name


def _suspects(operation: CompiledOperation, request: Request, path: Mapping[str, str]) -> Suspects:
    invalid = set()
    for parameter in operation.parameters:
        value = value_of(parameter, request=request, path=path)
        if parameter.required if value is None else not parameter.is_valid(value):
            invalid.add((parameter.place, parameter.name))
    return Suspects(operation.path, operation.method.lower(), frozenset(invalid))


def _paths(document: Mapping[str, Any], suspects: Suspects) -> dict[str, Any]:
    item = document["paths"][suspects.path]
    described = {name: value for name, value in item[suspects.method].items() if name != "security"}
    listed = [*item.get("parameters", ()), *described.get("parameters", ())]
    followed = [_followed(document, each) for each in listed]
    kept = [
        {name: value for name, value in each.items() if name not in _WARNED_OF}
        for each in followed
        if (each["in"], each["name"]) in suspects.parameters
    ]
    return {suspects.path: {suspects.method: {**described, "parameters": kept, "security": []}}}


def _followed(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in parameter:
        found: Any = document
        for step in parameter["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        parameter = found
    return parameter


class _OpenApiRequest:
    """A Flask request in the form that openapi-core takes."""

    def __init__(
        self, operation: CompiledOperation, request: Request, path: Mapping[str, str]
    ) -> None:
        self.host_url = "http://mock"
        self.path = f"/v3{operation.path.format(**path)}"
        self.full_url_pattern = f"http://mock/v3{operation.path}"
        self.path_pattern = f"/v3{operation.path}"
        self.method = operation.method.lower()
        self.content_type = request.mimetype
        self.body = request.get_data(cache=True) or None
        self.parameters = RequestParameters(
            path=dict(path),
            query=ImmutableMultiDict(query.as_sent(request)),
            header=Headers(request.headers),
            cookie={},
        )


def _reasons(error: Exception, operation: CompiledOperation) -> Iterator[tuple[str, str]]:
    match error:
        case SecurityValidationError():
            return  # the key is judged before the shape, and by another part
        case MissingParameterError():
            yield error.name, f"This {_place(error)} is required."
        case InvalidParameter():
            yield from _within(error, root=error.name)
        case ParameterValidationError():
            yield error.name, _miscast(operation, error.name)
        case MissingRequiredRequestBody():
            yield "body", "A body is required."
        case RequestBodyValidationError():
            yield from _within(error, root="")
        case _:
            yield "request", _sentence(str(error))


def _release(error: BaseException | None) -> None:
    """Break the circles of an error and its causes, so that the request is freed with it."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _place(error: MissingParameterError) -> str:
    return {"header": "header", "query": "query parameter"}.get(error.location, "part of the path")


def _within(error: Exception, root: str) -> Iterator[tuple[str, str]]:
    """Yield the reasons of the schema behind an error; else the text of the error itself."""
    cause = error.__cause__
    errors: Iterable[ValidationError] = getattr(cause, "schema_errors", ())
    spoken = False
    for one in errors:
        spoken = True
        steps = [root, *map(str, one.absolute_path)]
        if one.validator == "required":
            yield _named(*steps, one.message.split("'")[1]), "This field is required."
        else:
            yield _named(*steps), _checked(one, name=steps[-1])
    if not spoken:
        yield root or "body", _unspoken(cause or error)


def _named(*steps: str) -> str:
    return ".".join(filter(None, steps)) or "body"


def _checked(error: ValidationError, *, name: str) -> str:
    limit: Any = error.validator_value
    rule = str(error.validator)
    if rule in {"type", "pattern"} and name in _THINGS:
        return f"Not a {_THINGS[name]}."
    if rule == "type":
        return _TYPES.get(str(limit), "Not of the described type.")
    if rule == "anyOf":
        types = [each.get("type") for each in limit]
        return _TYPES.get(str(types), "Not as described.")
    if rule in {"minLength", "minItems"} and limit == 1:
        return "At least one is required." if rule == "minItems" else "Empty."
    if rule == "enum":
        return f"Not one of {', '.join(map(str, limit))}."
    known = _SENTENCES.get(rule)
    return _sentence(error.message) if known is None else known.format(error.instance, limit)


def _unspoken(error: BaseException) -> str:
    kind = type(error).__name__
    if kind == "MediaTypeNotFound":
        sent = str(getattr(error, "mimetype", ""))
        return _NO_UPLOADS if sent == "multipart/form-data" else _NO_JSON
    if kind in {"MediaTypeDeserializeError", "DeserializeError"}:
        return "This is not JSON."
    return _sentence(str(error))


def _sentence(text: str) -> str:
    text = text.strip() or "Not as described"
    return text if text.endswith(".") else f"{text}."


def _miscast(operation: CompiledOperation, name: str, value: object = None) -> str:
    if isinstance(value, list | tuple) and len(value) > LIST_VALUES:
        return f"More than {LIST_VALUES} items."
    kinds = (each.type for each in operation.parameters if each.name == name)
    return _TYPES.get(next(kinds, ""), "Not as described.")


def _strict_details(
    operation: CompiledOperation, request: Request, path: Mapping[str, str]
) -> Details:
    """Return the fields that only the compiled validators refuse.

    Python is more lenient in some cases: it takes `+5` for a number and `yes` for true, and lets a
    line break follow the end of a pattern.
    """
    found: Details = {}
    for parameter in operation.parameters:
        value = value_of(parameter, request=request, path=path)
        if value is not None and not parameter.is_valid(value):
            found[parameter.name] = [_miscast(operation, parameter.name, value)]
    if operation.body is not None and request.mimetype == "application/json":
        for error in operation.body.iter_errors(request.get_json(force=True)):
            name = _named(*map(str, error.instance_path))
            found[name] = [f"Not a {_THINGS[name]}." if name in _THINGS else "Not as described."]
    return found or {"request": ["Not as described."]}
