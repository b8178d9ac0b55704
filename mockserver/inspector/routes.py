"""The routes of the pages; what renders them is imported by the first request for one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NoReturn, cast

from flask import Flask, Response, request

from duologue.mockserver.control.blueprint import add_rule
from duologue.mockserver.control.errors import ControlProblem, NoRoute, WrongMethod
from duologue.mockserver.http.flask_responses import REQUEST_ID

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.http.dispatcher import Dispatcher
    from duologue.mockserver.inspector.pages import Pages

HTML, JSON = "text/html", "application/json"
_READING = ("GET", "HEAD")


def _lost(path: str) -> NoReturn:
    raise NoRoute(path)


def add(
    app: Flask, dispatcher: Dispatcher, controls: Controls, *, key: str, next_id: Callable[[], str]
) -> None:
    """Add the pages under /_mock to `app`; their API calls use `key`."""

    @cache
    def pages() -> Pages:
        from duologue.mockserver.inspector.pages import Pages  # noqa: PLC0415

        return Pages(dispatcher, controls, key=key)

    def sent(make: Callable[[Pages], Response]) -> Response:
        try:
            if request.method not in _READING:
                raise WrongMethod(request.method, _READING)
            controls.state.revive()
            response = make(pages())
        except ControlProblem as problem:
            from duologue.mockserver.inspector.pages import refusal  # noqa: PLC0415

            response = refusal(problem, request.path)
        response.headers[REQUEST_ID] = next_id()
        return response

    def home() -> Response:
        return sent(lambda made: made.home(request))

    def docs(name: str = "openapi") -> Response:
        return sent(lambda made: made.document(request, name))

    def static(version: str, name: str) -> Response:
        return sent(lambda made: made.file(version, name))

    def why(request_id: str) -> Response:
        # Tools accept JSON or anything; a browser accepts HTML explicitly.
        wanted = request.accept_mimetypes.best_match((JSON, HTML))
        if wanted == HTML and request.method in _READING:
            return sent(lambda made: made.why(request, request_id))
        return cast("Response", control(path=f"why/{request_id}"))

    def to_home() -> Response:
        # Relative: an absolute address would lose the prefix that a proxy adds.
        asked = request.query_string.decode("latin-1")
        return Response(status=308, headers={"Location": f"_mock/{'?' if asked else ''}{asked}"})

    control = app.view_functions["control"]

    def call_or_page(path: str = "") -> Response:
        """Answer a call; a person in a browser who is lost gets a page."""
        response = cast("Response", control(path=path))
        wanted = request.accept_mimetypes.best_match((JSON, HTML))
        if response.status_code != 404 or wanted != HTML or request.method not in _READING:
            return response
        return sent(lambda _: _lost(request.path))

    app.view_functions["control"] = call_or_page
    for rule, endpoint, view in (
        ("/_mock", "to_inspector", to_home),
        ("/_mock/", "inspector", home),
        ("/_mock/docs", "docs", docs),
        ("/_mock/docs/<name>", "docs", docs),
        ("/_mock/static/<version>/<path:name>", "static", static),
        ("/_mock/why/<request_id>", "why", why),
    ):
        add_rule(app, rule, endpoint, view)
