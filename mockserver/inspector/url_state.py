"""The state of the page in its URL: what is shown; every link on the page is such a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import urlencode

from duologue.mockserver.domain.model import Kind

HOME = "./"  # the page itself, wherever a proxy has put it
SHOWN = ("all", "errors", "mine")
_PLACES = {f"{kind}s": kind for kind in get_args(Kind)}
_MOST_DIGITS = 9  # enough for every page and message, and valid in every database


@dataclass(frozen=True, slots=True)
class UrlState:
    """One view of the page; values in a URL that are not valid are ignored."""

    user: str = ""  # whose conversations are shown
    open: str = ""  # the open conversation: users/bo
    before: int | None = None  # messages before this one
    users: str = ""  # the search text for users
    users_page: int = 1
    chats: str = ""  # the search text for conversations
    chats_page: int = 1
    show: str = SHOWN[0]  # which requests
    find: str = ""  # the search text for requests
    log_page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> UrlState:
        """Return the view that a query string names."""
        show = query.get("show", "")
        return cls(
            user=query.get("as", ""),
            open=query.get("open", ""),
            before=_number(query.get("before", "")),
            users=query.get("users", "").strip(),
            users_page=_number(query.get("users_page", "")) or 1,
            chats=query.get("chats", "").strip(),
            chats_page=_number(query.get("chats_page", "")) or 1,
            show=show if show in SHOWN else SHOWN[0],
            find=query.get("find", "").strip(),
            log_page=_number(query.get("log_page", "")) or 1,
        )

    @property
    def peer(self) -> tuple[Kind, str] | None:
        """Return kind and id of the open conversation's peer; None if none is open."""
        places, _, name = self.open.partition("/")
        kind: Any = _PLACES.get(places)
        return (kind, name) if kind and name else None

    def to(self, **changes: Any) -> str:
        """Return the URL of this view with some values changed."""
        return replace(self, **changes).text

    @property
    def text(self) -> str:
        """Return the URL of this view."""
        given = self.parameters()
        return f"{HOME}?{urlencode(given, safe='/')}" if given else HOME

    def parameters(self, *but: str) -> dict[str, Any]:
        """Return the values of the query string without some of them and without defaults."""
        plain = UrlState()
        return {
            _NAMES.get(name, name): getattr(self, name)
            for name in self.__slots__
            if name not in but and getattr(self, name) != getattr(plain, name)
        }


_NAMES = {"user": "as"}


def _number(text: str) -> int | None:
    fine = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return (int(text) or None) if fine else None
