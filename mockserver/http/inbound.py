"""A request on its way in: the key, then its shape; what it names is the use case's to check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.domain.errors import Refusal
from mockserver.http.shapes import Operation, Parameter
from mockserver.service import Call

if TYPE_CHECKING:
    from flask import Request


Raw = dict[str, dict[str, Any]]


# --- parts --------------------------------------------------------------------------------------


def as_written(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """The document that requests and answers are judged by: as it is written."""
    del name
    return document


def admit_all(operation_id: str) -> None:
    """Nothing: the mock limits nobody unless told to (readings T11)."""
    del operation_id


def refuse(problem: Refusal, call: Call, act: Callable[[Call], Any]) -> Any:
    """Never an outcome: a request of the wrong shape changes nothing (readings T13).

    A replacement may `act` on the call, or on another one, all the same.
    """
    del call, act
    raise problem


# --- reading a request --------------------------------------------------------------------------


def read(operation: Operation, request: Request, path: Mapping[str, str]) -> tuple[Call, bool]:
    """What a request asks for, and whether its shape is as the document describes it.

    A part that is not of the described form is in the call as it came.
    """
    fine = True
    values: Raw = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.parameters:
        text = text_of(parameter, request=request, path=path)
        if text is None:
            fine = fine and not parameter.required
            continue
        value = parameter.cast(text)
        fine = fine and parameter.is_valid(value)
        values[parameter.place][parameter.name] = tuple(value) if type(value) is list else value
    body, fine_body = _body(operation, request)
    call = Call(
        operation_id=operation.id,
        caller=values["header"].get("onBehalfOf"),
        path=values["path"],
        query=values["query"],
        body=body,
    )
    return call, fine and fine_body


def text_of(parameter: Parameter, *, request: Request, path: Mapping[str, str]) -> str | None:
    """A parameter as it was written; None where it was not given."""
    if parameter.place == "path":
        return path[parameter.name]
    if parameter.place == "query":
        return request.args.get(parameter.name) if request.query_string else None
    return request.headers.get(parameter.name)


def _body(operation: Operation, request: Request) -> tuple[Any, bool]:
    if not operation.takes_body:
        return {}, True
    raw = request.get_data(cache=True)
    if not raw:
        return {}, not operation.needs_body
    if request.mimetype != "application/json":
        return {}, False
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}, False
    return body, operation.is_valid_body(body)
