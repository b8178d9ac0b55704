"""The routes of the API: each operation of the documents at its path, with its use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Request, Response, has_request_context, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from duologue.mockserver.domain import errors
from duologue.mockserver.http import unplayed
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.middleware import Middleware
from duologue.mockserver.http.traffic.bounds import BoundedBodies
from duologue.mockserver.http.traffic.known_routes import Answer, Find, KnownRoutes
from duologue.mockserver.usecases import (
    conversations,
    groups,
    members,
    message_lists,
    messages,
    sessions,
    users,
)

PREFIX = "/v3"
OTHER_PREFIX = "/v3.0/"
MESSAGES = messages.USE_CASES | message_lists.USE_CASES
SUPPORTING = users.USE_CASES | groups.USE_CASES | members.USE_CASES | MESSAGES
USE_CASES = conversations.USE_CASES | SUPPORTING | sessions.USE_CASES


def add(app: Flask, dispatcher: Dispatcher, middleware: Middleware) -> None:
    """Register every operation of the documents, and error handlers for everything else."""
    # Werkzeug would redirect //users to /users; an API client needs the error.
    app.url_map.merge_slashes = False
    known = KnownRoutes(app, may_answer=lambda: dispatcher.runtime.is_steady)
    place = partial(_Place, app, dispatcher, middleware)
    by_path: dict[str, dict[str, str]] = {}
    for operation_id, path, method in dispatcher.runtime.spec.places():
        by_path.setdefault(path, {})[method] = operation_id
    for path, operations in by_path.items():
        if "GET" in operations:
            operations["HEAD"] = operations["GET"]
        known.add(PREFIX + path, _finder(operations, place))
        app.add_url_rule(
            PREFIX + path.replace("{", "<").replace("}", ">"),
            endpoint=path,
            view_func=_view(operations, place, known),
            methods=[*operations],
            provide_automatic_options=False,
        )
    _add_errors(app, middleware)
    # One set of rules for both spellings of the version: each rule costs half a millisecond.
    app.wsgi_app = BoundedBodies(_VersionAlias(known))  # type: ignore[assignment, method-assign]


class _VersionAlias:
    """Serves /v3.0 as /v3 (T1)."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self._answer = answer

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        if path.startswith(OTHER_PREFIX):
            environ["PATH_INFO"] = PREFIX + path[len(OTHER_PREFIX) - 1 :]
        return self._answer(environ, start)


@dataclass(frozen=True, slots=True)
class _Place:
    """One path of the API with one method: what answers the requests to it."""

    app: Flask
    dispatcher: Dispatcher
    middleware: Middleware
    operation_id: str
    path: dict[str, str]

    def answer(self, request: Request) -> Response:
        """Return the response to a request."""
        act = partial(self._act, request)
        return self.middleware.attend(request, act, operation_id=self.operation_id, path=self.path)

    def _act(self, request: Request) -> ApiResponse:
        """Return the answer; what is not steady may ask Flask for the request."""
        runtime = self.dispatcher.runtime
        act = partial(
            self.dispatcher.answer,
            self.operation_id,
            USE_CASES[self.operation_id],
            request=request,
            path=self.path,
            runtime=runtime,
        )
        if runtime.is_steady or has_request_context():
            return act()
        with self.app.request_context(request.environ):
            return act()


def _view(
    operations: dict[str, str], place: Callable[..., _Place], known_routes: KnownRoutes
) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        # The request itself: each look through Flask's stand-in for it costs 1 us.
        incoming: Request = request._get_current_object()  # type: ignore[attr-defined]
        here = place(operations[incoming.method], path)
        known_routes.keep(incoming.environ, here.answer)
        return here.answer(incoming)

    return view


def _finder(operations: dict[str, str], place: Callable[..., _Place]) -> Find:
    def find(method: str, path: dict[str, str]) -> Answer | None:
        return place(operations[method], path).answer if method in operations else None

    return find


def _root(middleware: Middleware) -> Response:
    """Return the answer at the root: a browser goes to the inspector, a client is told where."""
    if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return Response(status=302, headers={"Location": "_mock/"})
    return middleware.refuse(request, errors.ApiNotFound("/", has_nothing=True))


def _add_errors(app: Flask, middleware: Middleware) -> None:
    def refuse(problem: errors.Refusal) -> Response:
        if request.method == "OPTIONS":
            return middleware.preflight(request)
        return middleware.refuse(request, problem)

    def not_found(_: NotFound) -> Response:
        path = request.path
        if path == "/":
            return _root(middleware)
        return refuse(errors.ApiNotFound(path if unplayed.is_of_the_service(path) else ""))

    def wrong_method(error: MethodNotAllowed) -> Response:
        allowed = tuple(sorted({*(error.valid_methods or ()), "OPTIONS"}))
        return refuse(errors.MethodNotAllowed(request.method, allowed))

    def unreadable(error: HTTPException) -> Response:
        return refuse(errors.BadRequest({"request": [error.description or error.name]}))

    def failed(error: Exception) -> Response:
        return middleware.fail(request, error)

    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(MethodNotAllowed, wrong_method)
    app.register_error_handler(HTTPException, unreadable)
    app.register_error_handler(Exception, failed)
