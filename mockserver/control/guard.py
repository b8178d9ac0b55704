"""Access to the control plane: tools on this machine, or holders of the token; no web page.

A page in a browser can send requests to this machine, so a loopback address proves nothing. Three
checks keep pages out: a browser sends the page's origin with each changing call; it sends JSON to
another origin only after a preflight, which is not answered here; and a page whose host name was
pointed at this machine still sends that name as Host.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from duologue.mockserver.control.errors import Off, Refused, TokenNeeded, WrongContentType
from duologue.mockserver.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from flask import Request

TOKEN_HEADER = "x-control-token"  # noqa: S105  the header's name
_READING = {"GET", "HEAD"}
_LONGEST = 100  # of what is repeated of a header
# A name below .localhost; `xn--` would be the spelling of another name, or of none.
_LOCAL_NAME = re.compile(r"(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+localhost\.?\Z")
_OWN_SITES = {None, "same-origin", "none"}  # Sec-Fetch-Site of tools, our pages, an address bar


class Guard:
    """Admit a call, or raise a ControlProblem."""

    def __init__(self, host: str, token: str | None = None, *, origins: Iterable[str] = ()) -> None:
        self._is_local = is_loopback(host)
        self._token = token
        self._origins = frozenset(origin.lower() for origin in origins)

    @property
    def is_open(self) -> bool:
        """Return whether anybody can control the mock at all."""
        return self._is_local or self._token is not None

    def allows_header(self, request: Request) -> bool:
        """Return whether a request of the API may ask for a failure of its own.

        A page of another origin may: it is the app under test, and it changes nothing but its own
        answer.
        """
        if not self.is_open or (self._is_local and not _is_name_of_loopback(request.host)):
            return False
        presented = request.headers.get(TOKEN_HEADER, "")
        return self._token is None or _same(presented, self._token)

    def check(self, request: Request) -> None:
        """Raise Off, Refused or TokenNeeded unless the caller may make this call."""
        if not self.is_open:
            raise Off
        if self._is_local and not _is_name_of_loopback(request.host):
            # As it was sent: Werkzeug makes nothing of a host that is none.
            host = request.environ.get("HTTP_HOST") or "A request without a Host"
            raise Refused(f"{host[:_LONGEST]} is no name of this machine's own; use 127.0.0.1.")
        presented = request.headers.get(TOKEN_HEADER, "")
        if self._token is not None and not _same(presented, self._token):
            raise TokenNeeded
        if request.method not in _READING and not self.lets_page_in(request):
            _check_origin(request)

    def lets_page_in(self, request: Request) -> bool:
        """Return whether a request comes from a page that was named at the start."""
        return bool(self._origins) and request.headers.get("Origin", "").lower() in self._origins


def check_type(request: Request, taken: Collection[str]) -> None:
    """Raise WrongContentType unless a changing call's body has one of these types."""
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
    return is_loopback(name) or _LOCAL_NAME.match(name) is not None


def _check_origin(request: Request) -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site not in _OWN_SITES:
        raise Refused(f"A {site} page may not drive this mock.")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{request.host}", f"https://{request.host}"}:
        raise Refused(f"A page of {origin} may not drive this mock.")


def _same(presented: str, token: str) -> bool:
    return hmac.compare_digest(presented.encode(), token.encode())
