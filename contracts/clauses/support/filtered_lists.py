"""Lists by each filter, and by two at once, with what they have to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duologue.contracts.clauses.support.list_fixtures import (
    TAGGED,
    UNREAD,
    Inbox,
    tagged,
    tagged_peers,
    unread_inbox,
    with_unread,
)
from duologue.contracts.context.context import CheckContext


@dataclass(frozen=True, slots=True)
class FilteredList:
    """A box, the filters of its list, and the places of the conversations that pass."""

    box: Callable[[CheckContext], Inbox]
    query: dict[str, Any]
    kept: tuple[int, ...]

    @property
    def name(self) -> str:
        """The filters, a type by its value: what a case is called."""
        return ", ".join(
            f"{name}={value}" if name == "conversationType" else name
            for name, value in self.query.items()
        )

    def names(self, context: CheckContext) -> list[tuple[str, str]]:
        """Return kind and peer of the conversations that pass, sorted."""
        box = self.box(context)
        return box.names(tuple(box.conversations[place] for place in self.kept))


def of_tags(context: CheckContext) -> Inbox:
    """Return the box whose conversations the caller has tagged."""
    return tagged(context).box


def of_peers(context: CheckContext) -> Inbox:
    """Return the box whose users and groups have tags and names of their own."""
    return tagged_peers(context).box


def unread_of_tags(context: CheckContext) -> Inbox:
    """Return the tagged box, once just those of ``UNREAD`` are unread."""
    return with_unread(of_tags(context))


def unread_of_peers(context: CheckContext) -> Inbox:
    """Return the box of peers, once just those of ``UNREAD`` are unread."""
    return with_unread(of_peers(context))


def by_one_filter(context: CheckContext) -> list[FilteredList]:
    """Return a list by each filter."""
    peers = tagged_peers(context)
    both = [peers.word, peers.plain]
    return [
        FilteredList(of_tags, {"tags": ["all"]}, TAGGED),
        FilteredList(of_tags, {"conversationType": "user"}, (0, 2, 4)),
        FilteredList(unread_inbox, {"unread": True}, UNREAD),
        FilteredList(of_peers, {"userTags": both}, (0, 1, 2)),
        FilteredList(of_peers, {"groupTags": both}, (3, 4, 5)),
        FilteredList(of_peers, {"searchKey": peers.word}, (0, 2, 3, 5)),
    ]


def by_two_filters(context: CheckContext) -> list[FilteredList]:
    """Return lists by two filters at once, each with two rows or more."""
    peers = tagged_peers(context)
    both, of_users = [peers.word, peers.plain], {"conversationType": "user"}
    unread, search = {"unread": True}, {"searchKey": peers.word}
    return [
        FilteredList(of_tags, {"tags": ["all"], **of_users}, (0, 4)),
        FilteredList(unread_of_tags, {"tags": ["all"], **unread}, (0, 4)),
        FilteredList(unread_inbox, {**unread, **of_users}, (0, 4)),
        FilteredList(of_peers, {"userTags": both, **of_users}, (0, 1, 2)),
        FilteredList(of_peers, {"groupTags": both, "conversationType": "group"}, (3, 4, 5)),
        FilteredList(unread_of_peers, {"groupTags": both, **unread}, (3, 4)),
        FilteredList(of_peers, {**search, **of_users}, (0, 2)),
        FilteredList(of_peers, {**search, "userTags": both}, (0, 2)),
        FilteredList(unread_of_peers, {**search, **unread}, (0, 3)),
    ]
