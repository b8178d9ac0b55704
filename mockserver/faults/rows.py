"""Faults of what the rows of a list show, and of the whole app's list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.domain.model import Copy, Group, Shown, User
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    amended,
    done_as,
    in_lists,
    shown,
    valued,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT

WITH_TAGS = "listing.with-tags"
ON_REQUEST = "listing.tags-only-on-request"
PEER_TAGS = "listing.with-user-and-group-tags"
WHOLE_APP = "listing.whole-app"
LIST = ("listConversations",)


# --- what rows show -------------------------------------------------------------------------------


def one_tag(was: Any, _: Copy) -> Any:
    """Show only the first tag."""
    return was if was is ABSENT else was[:1]


def tags_of_the_first(rows: list[Body]) -> list[Body]:
    """Show the tags of the first tagged row in all rows."""
    some = next((row["tags"] for row in rows if row.get("tags")), None)
    return [row | {"tags": some} if "tags" in row and some else row for row in rows]


def peer_tags(where: Callable[[User | Group], bool]) -> Change:
    """Hide the tags of peers for which `where` is true."""

    def around(show: Callable[..., Body], body: Body, peer: User | Group, how: Shown) -> Body:
        with_tags = show(body, peer, how)
        return {k: v for k, v in with_tags.items() if k != "tags"} if where(peer) else with_tags

    return wrapped("show_peer_tags", around)


def whole_app(change: Callable[[list[Body]], list[Body]]) -> Change:
    """Change the rows of the whole app's list."""
    return done_as(LIST, lambda rows: change(rows) if rows and "uid" in rows[0] else rows)


def one_copy(rows: list[Body]) -> list[Body]:
    """Keep one row for each 1-on-1."""
    first: dict[Any, Body] = {}
    for row in rows:
        peer = row["conversationWith"].get("uid")
        key = frozenset((row["uid"], peer)) if peer else (row["uid"], row["conversationId"])
        first.setdefault(key, row)
    return list(first.values())


_ROWS = (
    Fault(
        "with-tags-is-ignored",
        WITH_TAGS,
        "withTags=true shows no tags.",
        valued("tags", ABSENT, in_lists),
    ),
    Fault(
        "with-tags-shows-one",
        WITH_TAGS,
        "withTags=true shows the first tag alone.",
        shown("tags", one_tag, in_lists),
    ),
    Fault(
        "with-tags-shows-words",
        WITH_TAGS,
        "withTags=true shows tags as one string.",
        shown("tags", lambda was, _: was if was is ABSENT else ",".join(was), in_lists),
    ),
    Fault(
        "with-tags-repeats-the-first-row",
        WITH_TAGS,
        "withTags=true shows the tags of the first row in all.",
        done_as(LIST, tags_of_the_first),
    ),
    Fault(
        "tags-are-always-shown",
        ON_REQUEST,
        "Rows show tags although they were not requested.",
        shown("tags", lambda _, copy: list(copy.tags), in_lists),
    ),
    Fault(
        "peer-tags-are-ignored",
        PEER_TAGS,
        "withUserAndGroupTags=true shows no tags.",
        peer_tags(lambda _: True),
    ),
    Fault(
        "peer-tags-of-users-are-ignored",
        PEER_TAGS,
        "withUserAndGroupTags=true shows no tags of users.",
        peer_tags(lambda peer: isinstance(peer, User)),
    ),
    Fault(
        "peer-tags-of-groups-are-ignored",
        PEER_TAGS,
        "withUserAndGroupTags=true shows no tags of groups.",
        peer_tags(lambda peer: isinstance(peer, Group)),
    ),
    Fault(
        "whole-app-needs-a-caller",
        WHOLE_APP,
        "A list without onBehalfOf is refused.",
        amended("components/parameters/OptionalOnBehalfOf/required", True),
    ),
    Fault(
        "whole-app-is-empty",
        WHOLE_APP,
        "A list without onBehalfOf is empty.",
        whole_app(lambda _: []),
    ),
    Fault(
        "whole-app-shows-one-copy",
        WHOLE_APP,
        "A list without onBehalfOf holds each 1-on-1 once, not each side's copy.",
        whole_app(one_copy),
    ),
    Fault(
        "whole-app-leaves-out-groups",
        WHOLE_APP,
        "A list without onBehalfOf holds no group's conversation.",
        whole_app(lambda rows: [row for row in rows if row["conversationType"] == "user"]),
    ),
    Fault(
        "whole-app-is-newest-first",
        WHOLE_APP,
        "A list without onBehalfOf is ordered by time and not by owner.",
        whole_app(lambda rows: sorted(rows, key=lambda row: -int(row["updatedAt"]))),
    ),
    Fault(
        "whole-app-names-the-peer-as-owner",
        WHOLE_APP,
        "A list without onBehalfOf names the other party as the owner of a copy.",
        shown("owner", lambda was, copy: was if was is ABSENT else copy.peer),
    ),
)

FAULTS: tuple[Fault, ...] = _ROWS
