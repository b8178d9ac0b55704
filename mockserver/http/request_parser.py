"""A request is read: parameters and body are cast and validated against the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from duologue.mockserver.domain.errors import BadRequest, BodyTooLarge, Refusal
from duologue.mockserver.domain.limits import BODY_BYTES, JSON_DEPTH
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.http import query
from duologue.mockserver.http.compiled_spec import CompiledOperation, Parameter
from duologue.mockserver.http.traffic import encodings
from duologue.mockserver.http.traffic.bounds import body_of, is_too_deep
from duologue.mockserver.http.traffic.world_prefix import world_of
from duologue.mockserver.usecases.types import Call

if TYPE_CHECKING:
    from flask import Request


UNREADABLE: Final = object()
_JSON = "application/json"
IGNORED = "duologue.ignored"  # of a request's environment: the names of what has no effect
_LONGEST_NAME, _MOST_NAMES = 60, 20  # of those that are told
SESSION = "duologue.session"  # of a request's environment: the user that its token stands for
Raw = dict[str, dict[str, Any]]


# --- behaviours ---------------------------------------------------------------------------------


def as_written(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document that validates requests and answers: unchanged."""
    del name
    return document


@rule("T11")
def admit_all(operation_id: str) -> None:
    """Do nothing: the mock limits no request unless told to."""
    del operation_id


@rule("T13")
def refuse(problem: Refusal, call: Call, act: Callable[[Call], Any]) -> Any:
    """Raise the refusal: a request that does not match the document changes nothing.

    A replacement may run `act` with this call or another one.
    """
    del call, act
    raise problem


def cache_key(request: Request, path: Mapping[str, str]) -> tuple[Any, ...]:
    """Return everything that the answer to a GET depends on beside operation and state."""
    look = request.environ.get
    token = look("HTTP_AUTHTOKEN")
    return (
        look("HTTP_APIKEY"),
        token and (token, look("HTTP_HOST")),  # a session's settings name the host it came by
        look("HTTP_ONBEHALFOF"),
        look("QUERY_STRING"),
        *path.values(),
    )


# --- reading a request --------------------------------------------------------------------------


def read(
    operation: CompiledOperation, request: Request, path: Mapping[str, str]
) -> tuple[Call, bool]:
    """Return the call that a request makes, and whether it matches the document.

    A value that does not match is in the call as it came.
    """
    fine = True
    values: Raw = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.parameters:
        value = value_of(parameter, request=request, path=path)
        if value is None:
            fine = fine and not parameter.required
            continue
        fine = fine and parameter.is_valid(value)
        values[parameter.place][parameter.name] = tuple(value) if type(value) is list else value
    body, fine_body = _body(operation, request)
    session = request.environ.get(SESSION)
    note_ignored(operation, request, body, path=path)
    environ = request.environ
    call = Call(
        operation_id=operation.id,
        caller=values["header"].get("onBehalfOf") or session,
        path=values["path"],
        query=values["query"],
        body=body,
        token=environ["HTTP_AUTHTOKEN"] if session else None,
        usual_page=operation.usual_page,
        reached_at=f"{environ.get('HTTP_HOST', '')}{world_of(environ)}" if session else "",
    )
    return call, fine and fine_body


@rule("T17")
def note_ignored(
    operation: CompiledOperation, request: Request, body: Any, *, path: Mapping[str, str]
) -> None:
    """Note the parameters and fields that the document does not know (T17).

    One that says once more what the path says, as clients write it (E146), is not among them.
    """
    names: list[str] = []
    if request.query_string:
        written = query.written(request)
        names += (
            name
            for name in written
            if name not in operation.query_names and path.get(name) != query.text_of(written[name])
        )
    if type(body) is dict and operation.fields is not None:
        names += (
            name
            for name in body
            if name not in operation.fields and path.get(name) != str(body[name])
        )
    if names:
        listed = [quote(name[:_LONGEST_NAME], safe="[]") for name in names[:_MOST_NAMES]]
        request.environ[IGNORED] = ", ".join(listed)


def value_of(parameter: Parameter, *, request: Request, path: Mapping[str, str]) -> Any:
    """Return the value of a parameter; uncastable text as it came; None if missing."""
    name = parameter.name
    text: str | None
    if parameter.place == "path":
        text = path[name]
    elif parameter.place == "header":
        text = request.environ.get(_key_of(name))  # through Werkzeug it takes 2 us
    elif not request.query_string or (values := query.written(request).get(name)) is None:
        return None
    elif parameter.type == "array":
        return query.items_of(values)
    else:
        text = query.text_of(values)
    return None if text is None else parameter.cast(text)


@cache
def _key_of(header: str) -> str:
    """Return the name of a header in the environment; those of the documents are few."""
    return f"HTTP_{header.upper().replace('-', '_')}"


def _body(operation: CompiledOperation, request: Request) -> tuple[Any, bool]:
    if operation.body is None:
        return {}, True
    raw = _text(request)
    if not raw:
        return {}, not operation.needs_body
    # Werkzeug takes 3 us to read the type.
    if request.environ.get("CONTENT_TYPE") != _JSON and request.mimetype != _JSON:
        return {}, False
    if is_too_deep(raw):
        raise BadRequest({"body": [f"Nested deeper than {JSON_DEPTH} levels."]})
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return UNREADABLE, False
    return body, operation.body.is_valid(body)


def _text(request: Request) -> bytes:
    """Return the body as JSON text; raise BadRequest or BodyTooLarge if it cannot be decoded."""
    try:
        return encodings.text_of(request.environ, body_of(request), most=BODY_BYTES)
    except encodings.Undecodable as problem:
        raise BadRequest({"body": [str(problem)]}) from None
    except encodings.UnpackedTooLarge as problem:
        raise BodyTooLarge(problem.limit_bytes) from None
