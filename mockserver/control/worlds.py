"""Worlds side by side: one process answers for several mocks, each with everything of its own.

A request names its world (see `http.traffic.world_prefix`); one without a name goes to the mock
itself. A world is made by the first request that names it, from the world that the mock was started
with, or by `POST /_mock/worlds` from another one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import orjson
from flask import Flask, Request, Response

from duologue.mockserver.control.errors import Conflict, ControlProblem, NoSuch, Refused, WrongInput
from duologue.mockserver.control.guard import Guard
from duologue.mockserver.http.flask_responses import CORS, NO_STORE
from duologue.mockserver.http.traffic.world_prefix import NAME, PREFIX, strip_world

MOST_WORLDS = 64
FORM = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_FORM = re.compile(rf"{FORM}\Z")
_HEADERS = (("Access-Control-Allow-Origin", "*"), NO_STORE, *CORS)


class Closing(Protocol):
    """What has to be closed once a world is not needed any more."""

    def stop(self) -> None:
        """End what waits in it."""

    def close(self) -> None:
        """Release what the world holds."""


class SideWorld(NamedTuple):
    """One world: the app that answers for it, and what it was made from."""

    name: str
    made_from: str
    app: Flask
    parts: Closing


Make = Callable[[str | None, int | None], tuple[Flask, Closing, str]]


class SideWorlds:
    """The worlds by name, in the order in which they were made."""

    def __init__(
        self, make: Make, guard: Guard, *, refusal: str | None = None, most: int = MOST_WORLDS
    ) -> None:
        self._make = make
        self._guard = guard
        self._refusal = refusal  # why this mock can have none; None if it can
        self._most = most
        self._worlds: dict[str, SideWorld] = {}
        self._changing = threading.Lock()

    def __iter__(self) -> Iterator[SideWorld]:
        return iter(tuple(self._worlds.values()))

    def add(self, name: str, made_from: str | None = None, *, seed: int | None = None) -> SideWorld:
        """Make a world from a named one and return it.

        Raise Conflict if there is one of this name or are too many, WrongInput for a name that is
        none.
        """
        with self._changing:
            if name in self._worlds:
                raise Conflict(f"There is a world {name} already; DELETE /_mock/worlds/{name}.")
            return self._added(name, made_from, seed=seed)

    def find(self, name: str) -> SideWorld:
        """Return the world of this name, made now if there is none; raise as `add` does."""
        known = self._worlds.get(name)
        if known is not None:
            return known
        with self._changing:
            return self._worlds.get(name) or self._added(name, None, seed=None)

    def remove(self, name: str) -> None:
        """Remove a world with all it holds; raise NoSuch if there is none of this name."""
        with self._changing:
            if name not in self._worlds:
                raise NoSuch("world", name, hint="GET /_mock/worlds lists those there are")
            self._worlds.pop(name).parts.close()

    def close(self) -> None:
        """Remove all worlds."""
        for world in self:
            self.remove(world.name)

    def _added(self, name: str, made_from: str | None, *, seed: int | None) -> SideWorld:
        if self._refusal is not None:
            raise Conflict(self._refusal)
        if not _FORM.match(name):
            said = "A world's name is 1 to 64 letters, digits, dots, dashes and underscores."
            raise WrongInput({"name": [said]})
        if len(self._worlds) >= self._most:
            raise Conflict(f"There are {self._most} worlds; DELETE /_mock/worlds removes them.")
        app, parts, origin = self._make(made_from, seed)
        self._worlds[name] = world = SideWorld(name, origin, app, parts)
        return world

    # Requests.

    def wrap(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """Return a WSGI app that gives each request to its world; `answer` is the mock itself."""

        def select(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            if environ["PATH_INFO"].startswith(PREFIX):
                strip_world(environ)
            name = environ.get(NAME)
            if name is None:
                return answer(environ, start)
            if environ["REQUEST_METHOD"] == "OPTIONS":
                # A preflight carries no token: it goes to a world that is there, and makes none.
                known = self._worlds.get(name)
                return (answer if known is None else known.app.wsgi_app)(environ, start)
            return self._answer(name, environ, start)

        return select

    def _answer(self, name: str, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        try:
            self._check(Request(environ))
            world = self.find(name)
        except ControlProblem as problem:
            return _refused(problem)(environ, start)
        return world.app.wsgi_app(environ, start)

    def _check(self, request: Request) -> None:
        if not self._guard.allows_header(request):
            raise Refused("Who may not control this mock cannot choose a world of it.")


def _refused(problem: ControlProblem) -> Response:
    details = {place: list(reasons) for place, reasons in problem.details.items()}
    error = {"code": problem.code, "message": str(problem), "details": details}
    body = orjson.dumps({"error": error})
    return Response(body, problem.status, list(_HEADERS), content_type="application/json")
