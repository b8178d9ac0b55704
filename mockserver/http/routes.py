"""The table of the API: each operation of the documents at its path, bound to its use case."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockserver import service, stagehand
from mockserver.domain import errors
from mockserver.http.exchange import Exchange, broken_answer
from mockserver.http.wire import Wire

_log = logging.getLogger(__name__)
PREFIXES = ("/v3", "/v3.0")
USE_CASES = service.USE_CASES | stagehand.USE_CASES


def add(app: Flask, exchange: Exchange, wire: Wire) -> None:
    """Let `app` answer every operation of the documents, and everything else by an error."""
    # Werkzeug would redirect //users to /users; an API client is better told that it slipped.
    app.url_map.merge_slashes = False
    for operation in exchange.setting.judge.operations.values():
        view = _view(operation.id, exchange, wire)
        rule = operation.path.replace("{", "<").replace("}", ">")
        for prefix in PREFIXES:
            app.add_url_rule(
                f"{prefix}{rule}",
                endpoint=operation.id,
                view_func=view,
                methods=[operation.method],
                provide_automatic_options=False,
            )
    _add_errors(app, exchange, wire)


def _view(operation_id: str, exchange: Exchange, wire: Wire) -> Callable[..., Response]:
    use_case = USE_CASES[operation_id]

    def view(**path: str) -> Response:
        answer = exchange.answer(operation_id, use_case, request=request, path=path)
        return wire.response(answer)

    return view


def _add_errors(app: Flask, exchange: Exchange, wire: Wire) -> None:
    def refuse(problem: errors.Refusal) -> Response:
        if request.method == "OPTIONS":
            return wire.preflight()
        return wire.response(exchange.refuse(problem))

    def not_found(_: NotFound) -> Response:
        return refuse(errors.ApiNotFound())

    def wrong_method(error: MethodNotAllowed) -> Response:
        allowed = tuple(sorted({*(error.valid_methods or ()), "OPTIONS"}))
        return refuse(errors.MethodNotAllowed(request.method, allowed))

    def unreadable(error: HTTPException) -> Response:
        return refuse(errors.BadRequest({"request": [error.description or error.name]}))

    def failed(error: Exception) -> Response:
        _log.exception("%s %s failed", request.method, request.path, exc_info=error)
        said = f"The mock failed with {type(error).__name__}. This is a bug of the mock."
        return wire.response(broken_answer(RuntimeError(said)))

    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(MethodNotAllowed, wrong_method)
    app.register_error_handler(HTTPException, unreadable)
    app.register_error_handler(Exception, failed)
