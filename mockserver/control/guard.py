"""Who may drive the mock: the tools of this machine, or who has the token; no web page elsewhere.

A page that a browser shows can send requests to this machine, so being reached from here proves
nothing. Three checks keep such pages out: a browser names the page's origin with every call that
changes something; it lets a page send JSON elsewhere only after a preflight, which is not answered
here; and a page that gave its own name this machine's address still says that name as Host.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from duologue.mockserver.control.errors import Off, Refused, TokenNeeded, WrongContentType
from duologue.mockserver.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Request

TOKEN_HEADER = "x-control-token"  # noqa: S105  the header's name
_READING = {"GET", "HEAD"}


class Guard:
    """Lets a call through, or raises a ControlProblem."""

    def __init__(self, host: str, token: str | None = None) -> None:
        self._is_local = is_loopback(host)
        self._token = token

    @property
    def is_open(self) -> bool:
        """Whether anybody can drive the mock at all."""
        return self._is_local or self._token is not None

    def check(self, request: Request) -> None:
        """Nothing, if the caller may ask for this. Raises Off, Refused and TokenNeeded."""
        if not self.is_open:
            raise Off
        if self._is_local and not _is_name_of_loopback(request.host):
            raise Refused(f"{request.host} is no name of this machine's own; use 127.0.0.1.")
        presented = request.headers.get(TOKEN_HEADER, "")
        if self._token is not None and not _same(presented, self._token):
            raise TokenNeeded
        if request.method not in _READING:
            _check_origin(request)


def check_type(request: Request, taken: Collection[str]) -> None:
    """Nothing, if what comes with a changing call is of one of these types."""
    given = request.mimetype
    if request.method in _READING or not (given or request.get_data(cache=True)):
        return
    if given not in taken:
        raise WrongContentType(given, sorted(taken))


def _is_name_of_loopback(authority: str) -> bool:
    try:
        name = urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or name.endswith(".localhost")


def _check_origin(request: Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{request.host}", f"https://{request.host}"}:
        raise Refused(f"A page of {origin} may not drive this mock.")


def _same(presented: str, token: str) -> bool:
    return hmac.compare_digest(presented.encode(), token.encode())
