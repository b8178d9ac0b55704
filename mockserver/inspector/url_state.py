"""What the page's address says is to be shown; every link on the page is such an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import urlencode

from duologue.mockserver.domain.model import Kind

HOME = "/_mock/"
SHOWN = ("all", "errors", "mine")
_PLACES = {f"{kind}s": kind for kind in get_args(Kind)}
_MOST_DIGITS = 9  # no page and no message is further out, and every database takes it


@dataclass(frozen=True, slots=True)
class UrlState:
    """One view of the page. Whatever makes no sense in an address is passed over."""

    user: str = ""  # whose conversations are shown
    open: str = ""  # the open conversation: users/bo
    before: int | None = None  # messages before this one
    users: str = ""  # what the users are searched for
    users_page: int = 1
    chats: str = ""  # what the conversations are searched for
    chats_page: int = 1
    show: str = SHOWN[0]  # which requests

    @classmethod
    def of(cls, query: Mapping[str, str]) -> UrlState:
        """The view that a query string asks for."""
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
        )

    @property
    def peer(self) -> tuple[Kind, str] | None:
        """Kind and id of the other party of the open conversation; None where none is open."""
        places, _, name = self.open.partition("/")
        kind: Any = _PLACES.get(places)
        return (kind, name) if kind and name else None

    def to(self, **changes: Any) -> str:
        """The address of this view with something changed."""
        return replace(self, **changes).text

    @property
    def text(self) -> str:
        """The address itself."""
        given = self.kept()
        return f"{HOME}?{urlencode(given, safe='/')}" if given else HOME

    def kept(self, *but: str) -> dict[str, Any]:
        """What the query string holds, save some of it and all that goes without saying."""
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
