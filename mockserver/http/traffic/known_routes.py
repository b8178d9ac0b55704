"""Paths of the API that need no routing by Flask: those met before, and those of one template.

Flask matches a path and sets up its contexts anew for each request, which takes 45 us, more than
all else of a list that is kept. The views of the API use neither, unless a fault asks Flask for the
request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Request
from werkzeug.datastructures import EnvironHeaders

if TYPE_CHECKING:
    from flask import Flask, Response

MOST_KEPT = 1024
LONGEST_PATH = 200
MOST_HOSTS = 64
Answer = Callable[[Request], "Response"]
Find = Callable[[str, dict[str, str]], Answer | None]
"""Takes a method and the values of a path; returns what answers there, None if nothing does."""


class KnownRoutes:
    """A WSGI app that answers at known places itself, and leaves all others to Flask."""

    def __init__(self, app: Flask, *, may_answer: Callable[[], bool]) -> None:
        self._app = app
        self._flask = app.wsgi_app
        self._may_answer = may_answer
        self._kept: dict[tuple[str, str, str | None], Answer] = {}
        self._templates: dict[int, list[tuple[list[str], Find]]] = {}  # by number of segments
        self._hosts: set[str | None] = set()  # that Flask takes

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Answer a request."""
        answer = self._kept.get(_place(environ)) or self._found(environ)
        if answer is None or "HTTP_UPGRADE" in environ or not self._may_answer():
            return self._flask(environ, start)
        try:
            response = answer(_KnownRequest(environ))
        except Exception as error:
            with self._app.request_context(environ):
                response = self._app.finalize_request(self._app.handle_user_exception(error))
        return response(environ, start)

    def add(self, template: str, find: Find) -> None:
        """Answer the paths of a template such as `/users/{uid}` with what `find` returns.

        A path of two templates is left to Flask, and so is one with letters that it would decode.
        """
        segments = template.split("/")
        self._templates.setdefault(len(segments), []).append((segments, find))

    def keep(self, environ: dict[str, Any], answer: Answer) -> None:
        """Answer further requests like this one, which Flask has routed, with `answer`."""
        if len(environ["PATH_INFO"]) <= LONGEST_PATH:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[_place(environ)] = answer
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(environ.get("HTTP_HOST"))

    def _found(self, environ: dict[str, Any]) -> Answer | None:
        """Return what answers at a path not met before, by the one template that it matches."""
        method, path, host = _place(environ)
        if host not in self._hosts or not (path.isascii() and path.isprintable()):
            return None
        segments = path.split("/")
        matched = [
            (own, find)
            for own, find in self._templates.get(len(segments), ())
            if all(map(_matches, own, segments))
        ]
        if len(matched) != 1:
            return None
        own, find = matched[0]
        pairs = zip(own, segments, strict=True)
        answer = find(method, {name[1:-1]: said for name, said in pairs if name[:1] == "{"})
        if answer is not None:
            self.keep(environ, answer)
        return answer


class _KnownRequest(Request):
    """A request that finds out no more than is asked for; Werkzeug finds out all, in 5 us.

    It is not in its own environment: such a circle, 5 KB, is freed by the garbage collector alone,
    whose stops were most of the longest answers (p99 / p50 of a read 13, then 4).
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.shallow = False
        self.method = environ["REQUEST_METHOD"].upper()
        self.query_string = environ.get("QUERY_STRING", "").encode("latin1")
        self.headers = EnvironHeaders(environ)

    def __getattr__(self, name: str) -> Any:
        """Find out the rest with the first part of it that is asked for."""
        if name not in _REST:
            raise AttributeError(name)
        super().__init__(self.environ, populate_request=False)
        return getattr(self, name)


_REST = ("scheme", "server", "root_path", "path", "remote_addr")


def _matches(own: str, said: str) -> bool:
    """Return whether a segment of a path is that of a template, or one of its values."""
    return own == said or (own[:1] == "{" and said != "")


def _place(environ: dict[str, Any]) -> tuple[str, str, str | None]:
    """Return what Flask finds a view by; it refuses a host that is none."""
    return environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_HOST")
