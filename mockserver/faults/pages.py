"""Faults of lists that depend on the query: filters in pages, lists of the whole app, caches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from duologue.mockserver.domain.model import Filters, User
from duologue.mockserver.faults.combinators import (
    Change,
    answered,
    combined,
    is_done,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.consistency import NOW, PAGES
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.representations.serializers import ABSENT

NEWEST_FIRST = "listing.newest-first"
UNREAD_FALSE = "listing.unread-false-keeps-all"
WITH_TAGS = "listing.with-tags"
WHOLE_APP = "listing.whole-app"
LIST = ("listConversations",)


@dataclass
class Asked(threading.local):
    """The list that this thread is answering: whose, and with which query."""

    caller: str | None = None
    query: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The page that is asked for."""
        return int(self.query.get("page", 1))


def knowing_the_query(change: Callable[[Asked], Change]) -> Change:
    """Build a change that knows which list is asked for."""

    def make() -> Change:
        asked = Asked()

        def admit(inner: Callable[[str], None], operation_id: str) -> None:
            asked.caller, asked.query = None, {}
            inner(operation_id)

        def check_caller(
            inner: Callable[..., None], caller: str, found: User | None, *rest: Any
        ) -> None:
            asked.caller = caller
            inner(caller, found, *rest)

        def filters_of(inner: Callable[..., Filters], query: dict[str, Any]) -> Filters:
            asked.query = query
            return inner(query)

        return combined(
            wrapped("admit", admit),
            wrapped("check_caller", check_caller),
            wrapped("filters_of", filters_of),
            change(asked),
        )

    return with_own_state(make)


def repeating(where: Callable[[Asked], bool]) -> Change:
    """Begin each page but the first with the last row of the one before."""

    def build(asked: Asked) -> Change:
        def bounds(inner: Callable[..., tuple[int, int]], *args: Any) -> tuple[int, int]:
            take, skip = inner(*args)
            return (take, skip - 1) if skip and where(asked) else (take, skip)

        return wrapped("page_bounds", bounds)

    return knowing_the_query(build)


def counting_one_more(where: Callable[[Asked], bool]) -> Change:
    """Show a total that is one too high."""

    def build(asked: Asked) -> Change:
        def show(inner: Callable[..., Any], total: int, *args: Any, **named: Any) -> Any:
            return inner(total + 1 if where(asked) else total, *args, **named)

        return wrapped("show_pagination", show)

    return knowing_the_query(build)


def cached(where: Callable[[Asked], bool]) -> Change:
    """Answer the same question of one caller as it was answered first."""

    def build(asked: Asked) -> Change:
        first: dict[str, ApiResponse] = {}

        def keep(answer: ApiResponse) -> ApiResponse:
            if not where(asked):
                return answer
            return first.setdefault(f"{asked.caller} {sorted(asked.query.items())}", answer)

        return answered(LIST, keep, is_done)

    return knowing_the_query(build)


def by(name: str) -> Callable[[Asked], bool]:
    """Match lists with this parameter."""
    return lambda asked: name in asked.query


def of_type(kind: str) -> Callable[[Asked], bool]:
    """Match lists of one conversationType."""
    return lambda asked: asked.query.get("conversationType") == kind


def with_first_rows(asked: Asked) -> Change:
    """Show groups in lists by searchKey or unread as the caller first got them there."""
    first: dict[str, Any] = {}

    def keep(answer: ApiResponse) -> ApiResponse:
        if asked.query.keys().isdisjoint({"searchKey", "unread"}):
            return answer
        rows = [
            first.setdefault(f"{asked.caller} {row['conversationId']}", row)
            if row["conversationType"] == "group"
            else row
            for row in answer.body["data"]
        ]
        return answer._replace(body={**answer.body, "data": rows})

    return answered(LIST, keep, is_done)


def of_first_page(asked: Asked) -> Change:
    """Show tags on page 1 alone."""

    def show(inner: Callable[..., Any], *args: Any) -> Any:
        return inner(*args) if asked.number == 1 else ABSENT

    return wrapped("show_tags", show)


def always_page_1(asked: Asked) -> Change:
    """Answer each page of the whole app's list with the first."""

    def bounds(inner: Callable[..., tuple[int, int]], per_page: int, number: int) -> Any:
        return inner(per_page, number if asked.caller is not None else 1)

    return wrapped("page_bounds", bounds)


def of_any_type(asked: Asked) -> Change:
    """Ignore conversationType where no caller is named."""

    def filters_of(inner: Callable[..., Filters], query: dict[str, Any]) -> Filters:
        wanted = inner(query)
        return wanted if asked.caller is not None else wanted._replace(conversation_type=None)

    return wrapped("filters_of", filters_of)


def unread_when_named(inner: Callable[..., Filters], query: dict[str, Any]) -> Filters:
    """Keep unread conversations, whatever the value of the parameter."""
    wanted = inner(query)
    return wanted if wanted.unread is None else wanted._replace(unread=True)


def read_for_false(asked: Asked) -> Change:
    """Keep read conversations for unread=false."""

    def keep(answer: ApiResponse) -> ApiResponse:
        if asked.query.get("unread") is not False:
            return answer
        rows = [row for row in answer.body["data"] if not row["unreadMessageCount"]]
        return answer._replace(body={**answer.body, "data": rows})

    return answered(LIST, keep, is_done)


def silent_last(answer: ApiResponse) -> ApiResponse:
    """Put the rows without lastMessage last."""
    rows = sorted(answer.body["data"], key=lambda row: "lastMessage" not in row)
    return answer._replace(body={**answer.body, "data": rows})


_FILTERS = (
    ("conversationType", "type"),
    ("unread", "unread"),
    ("tags", "tags"),
    ("userTags", "user-tags"),
    ("groupTags", "group-tags"),
    ("searchKey", "search"),
)

FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"{word}-filter-pages-overlap",
            PAGES,
            f"With {name}, each page but the first begins with the last row of the one before.",
            repeating(by(name)),
        )
        for name, word in _FILTERS
    ),
    *(
        Fault(
            f"{word}-filter-total-is-one-too-many",
            PAGES,
            f"With {name}, total is one too many.",
            counting_one_more(by(name)),
        )
        for name, word in _FILTERS[3:]
    ),
    *(
        Fault(
            f"{word}-list-is-cached",
            NOW,
            f"A list with {name} is always answered as it was first.",
            cached(by(name)),
        )
        for name, word in (_FILTERS[0], _FILTERS[2], _FILTERS[5], ("perPage", "paged"))
    ),
    Fault(
        "group-type-filter-pages-overlap",
        PAGES,
        "With conversationType=group, a page begins with the last row of the one before.",
        repeating(of_type("group")),
    ),
    Fault(
        "group-type-filter-total-is-one-too-many",
        PAGES,
        "With conversationType=group, total is one too many.",
        counting_one_more(of_type("group")),
    ),
    Fault(
        "group-type-list-is-cached",
        NOW,
        "A list with conversationType=group is always answered as it was first.",
        cached(of_type("group")),
    ),
    Fault(
        "rows-of-groups-are-cached",
        NOW,
        "In a list with filters, a group is always shown as in the first of these lists.",
        knowing_the_query(with_first_rows),
    ),
    Fault(
        "with-tags-ends-with-page-1",
        WITH_TAGS,
        "withTags=true shows tags on the first page alone.",
        knowing_the_query(of_first_page),
    ),
    Fault(
        "whole-app-has-one-page",
        WHOLE_APP,
        "Each page of a list without onBehalfOf is the first.",
        knowing_the_query(always_page_1),
    ),
    Fault(
        "whole-app-pages-overlap",
        WHOLE_APP,
        "Without onBehalfOf, a page begins with the last row of the one before.",
        repeating(lambda asked: asked.caller is None),
    ),
    Fault(
        "whole-app-pages-of-groups-overlap",
        WHOLE_APP,
        "Without onBehalfOf, a page with groupTags begins with the last row of the one before.",
        repeating(lambda asked: asked.caller is None and "groupTags" in asked.query),
    ),
    Fault(
        "whole-app-total-is-one-too-many",
        WHOLE_APP,
        "Without onBehalfOf, total is one too many.",
        counting_one_more(lambda asked: asked.caller is None),
    ),
    Fault(
        "whole-app-list-is-cached",
        WHOLE_APP,
        "A list without onBehalfOf is always answered as it was first.",
        cached(lambda asked: asked.caller is None),
    ),
    Fault(
        "whole-app-ignores-the-type",
        WHOLE_APP,
        "Without onBehalfOf, conversationType drops nothing.",
        knowing_the_query(of_any_type),
    ),
    Fault(
        "unread-false-is-taken-for-true",
        UNREAD_FALSE,
        "unread=false keeps the unread conversations alone.",
        wrapped("filters_of", unread_when_named),
    ),
    Fault(
        "unread-false-keeps-the-read-alone",
        UNREAD_FALSE,
        "unread=false keeps the read conversations alone.",
        knowing_the_query(read_for_false),
    ),
    Fault(
        "list-puts-deleted-last-messages-last",
        NEWEST_FIRST,
        "The list holds rows without lastMessage after all others.",
        answered(LIST, silent_last, is_done),
    ),
)
