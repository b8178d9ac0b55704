"""Faults of the list: its order, its pages, what its rows show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    amended,
    answered,
    combined,
    is_done,
    replaced,
    status,
)
from duologue.mockserver.faults.errors import failure
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store import schema

NEWEST = "listing.newest-first"
SIZE = "listing.page-size"
DEFAULT = "listing.default-page-size"
FOLLOW = "listing.pages-follow-each-other"
ADDS_UP = "listing.pagination-adds-up"
END = "listing.past-the-end-is-empty"
BOUNDS = "listing.page-size-bounds"
FROM_1 = "listing.page-numbers-begin-at-1"

PER_PAGE = "components/parameters/PerPage/schema"
LIST = ("listConversations",)


# --- order ----------------------------------------------------------------------------------------


def ordered(change: Callable[[Any, Any], tuple[Any, ...]]) -> Change:
    """Change the order of the rows."""
    return replaced(newest_first=lambda updated_at, _, peer: change(updated_at, peer))


def of_row(peer: Any, value: Callable[[Any, Any], Any]) -> Any:
    """Return a value computed from a row's copy and its conversation."""
    row, copy, conversation = peer.table.c, schema.copies.alias().c, schema.conversations.alias().c
    return (
        select(value(copy, conversation))
        .where(
            copy.uid == row.uid,
            copy.kind == row.kind,
            copy.peer == row.peer,
            conversation.id == copy.conversation_id,
        )
        .scalar_subquery()
    )


def by_number(_: Any, peer: Any) -> tuple[Any, ...]:
    """Order by start, newest first: conversation numbers grow."""
    return of_row(peer, lambda copy, _: copy.conversation_id).desc(), peer


def by_kind(updated_at: Any, peer: Any) -> tuple[Any, ...]:
    """Order 1-on-1s first, each kind newest first."""
    return peer.table.c.kind.desc(), updated_at.desc(), peer


def by_kind_backwards(updated_at: Any, peer: Any) -> tuple[Any, ...]:
    """Order groups first, each kind newest first."""
    return peer.table.c.kind, updated_at.desc(), peer


def by_count(updated_at: Any, peer: Any) -> tuple[Any, ...]:
    """Order by unread messages, most first."""
    unread = of_row(peer, lambda copy, talk: talk.last_seq - copy.read_seq - copy.own)
    return unread.desc(), updated_at.desc(), peer


_ORDER = (
    Fault(
        "list-is-oldest-first",
        NEWEST,
        "The list is ordered by updatedAt, oldest first.",
        ordered(lambda updated_at, peer: (updated_at, peer)),
    ),
    Fault(
        "list-is-by-id",
        NEWEST,
        "The list is in the order of the other parties' ids.",
        ordered(lambda _, peer: (peer,)),
    ),
    Fault(
        "list-is-by-id-backwards",
        NEWEST,
        "The list is in the order of the other parties' ids, the last one first.",
        ordered(lambda _, peer: (peer.desc(),)),
    ),
    Fault(
        "list-is-by-birth",
        NEWEST,
        "The list begins with the conversation that began last.",
        ordered(by_number),
    ),
    Fault("list-has-users-first", NEWEST, "The list holds groups last.", ordered(by_kind)),
    Fault(
        "list-has-groups-first", NEWEST, "The list holds groups first.", ordered(by_kind_backwards)
    ),
    Fault(
        "list-has-unread-first",
        NEWEST,
        "The list begins with the conversation that has most unread.",
        ordered(by_count),
    ),
)


# --- pages ----------------------------------------------------------------------------------------

Bounds = Callable[[int, int], tuple[int, int]]


def bounded(change: Bounds) -> Change:
    """Change the rows of a page; `change` returns limit and offset."""
    return replaced(page_bounds=change)


def pagination_as(change: Callable[[Body], Body]) -> Change:
    """Change the pagination in the answer."""

    def changed(answer: ApiResponse) -> ApiResponse:
        meta = answer.body["meta"]
        return answer._replace(
            body={**answer.body, "meta": {**meta, "pagination": change(meta["pagination"])}}
        )

    return answered(LIST, changed, is_done)


def is_past_the_end(answer: ApiResponse) -> bool:
    """Return whether the answer is an empty page after the last one."""
    return is_done(answer) and not answer.body["data"] and _page(answer) > 1


def _page(answer: ApiResponse) -> int:
    return int(answer.body["meta"]["pagination"]["current_page"])


def no_page(_: ApiResponse) -> ApiResponse:
    """Return a 404 for a page."""
    return ApiResponse(
        404, {}, {"error": {"code": "ERR_PAGE_NOT_FOUND", "message": "No such page."}}
    )


def is_size_refused(word: str, name: str = "perPage") -> Callable[[ApiResponse], bool]:
    """Return a predicate for refusals of a size that is `less` or `more` than the limit."""

    def refused(answer: ApiResponse) -> bool:
        error = answer.body.get("error") if isinstance(answer.body, dict) else None
        details = error.get("details", {}) if isinstance(error, dict) else {}
        return any(word in reason for reason in details.get(name, ()))

    return refused


def empty_page(size: int) -> Callable[[ApiResponse], ApiResponse]:
    """Return an empty page with this `per_page`."""
    pagination = {
        "total": 5, "count": 0, "per_page": size, "current_page": 1, "total_pages": 1,
    }  # fmt: skip
    return lambda _: ApiResponse(200, {}, {"data": [], "meta": {"pagination": pagination}})


def hundred_is(size: int) -> Bounds:
    """Return `size` rows for a page of 100."""
    return lambda per_page, number: (
        (size, size * (number - 1)) if per_page == 100 else (per_page, per_page * (number - 1))
    )


_PAGES = (
    Fault(
        "page-has-one-row-more",
        SIZE,
        "A page has one row more than requested.",
        bounded(lambda size, number: (size + 1, size * (number - 1))),
    ),
    Fault(
        "page-has-one-row-less",
        SIZE,
        "A page has one row less than requested, but at least one.",
        bounded(lambda size, number: (max(size - 1, 1), size * (number - 1))),
    ),
    Fault(
        "page-size-is-ignored",
        SIZE,
        "A page has up to 100 rows, whatever perPage is.",
        bounded(lambda _, number: (100, 100 * (number - 1))),
    ),
    Fault(
        "page-size-of-1-is-ignored",
        SIZE,
        "A page of one row has all of them.",
        bounded(lambda size, number: (size if size > 1 else 100, size * (number - 1))),
    ),
    Fault(
        "default-page-has-10-rows",
        DEFAULT,
        "A page has 10 rows unless the request says otherwise.",
        combined(bounded(hundred_is(10)), pagination_as(lambda pages: _sized(pages, 100, 10))),
    ),
    Fault(
        "default-page-has-99-rows",
        DEFAULT,
        "A page has 99 rows unless the request says otherwise.",
        bounded(hundred_is(99)),
    ),
    Fault(
        "default-page-has-101-rows",
        DEFAULT,
        "A page has 101 rows unless the request says otherwise.",
        bounded(hundred_is(101)),
    ),
    Fault(
        "pages-overlap",
        FOLLOW,
        "A page begins with the last row of the one before.",
        bounded(lambda size, number: (size, max(size * (number - 1) - 1, 0))),
    ),
    Fault(
        "pages-skip-a-row",
        FOLLOW,
        "Between two pages one row is left out.",
        bounded(lambda size, number: (size, (size + 1) * (number - 1))),
    ),
    Fault(
        "pages-begin-at-0",
        FOLLOW,
        "Page 1 is the second page.",
        bounded(lambda size, number: (size, size * number if size < 100 else 0)),
    ),
    Fault(
        "page-is-ignored",
        FOLLOW,
        "Every page is the first one.",
        bounded(lambda size, _: (size, 0)),
    ),
    Fault(
        "total-is-of-the-page",
        ADDS_UP,
        "total is the number of rows on the page.",
        pagination_as(lambda pages: {**pages, "total": pages["count"]}),
    ),
    Fault(
        "total-is-one-too-many",
        ADDS_UP,
        "total is one too many.",
        pagination_as(lambda pages: {**pages, "total": pages["total"] + 1}),
    ),
    Fault(
        "count-is-the-page-size",
        ADDS_UP,
        "count is the size of the page, not the number of its rows.",
        pagination_as(lambda pages: {**pages, "count": pages["per_page"]}),
    ),
    Fault(
        "total-pages-leave-out-the-last",
        ADDS_UP,
        "total_pages leaves out a last page that is not full.",
        pagination_as(lambda pages: {**pages, "total_pages": pages["total"] // pages["per_page"]}),
    ),
    Fault(
        "current-page-begins-at-0",
        ADDS_UP,
        "current_page is 0 for the first page.",
        pagination_as(lambda pages: {**pages, "current_page": pages["current_page"] - 1}),
    ),
    Fault(
        "per-page-is-always-100",
        ADDS_UP,
        "per_page is 100, whatever perPage was.",
        pagination_as(lambda pages: _sized(pages, 2, 100)),
    ),
    Fault(
        "pagination-is-text",
        ADDS_UP,
        "The numbers of the pagination are strings of digits.",
        pagination_as(lambda pages: {name: str(value) for name, value in pages.items()}),
    ),
    Fault(
        "pagination-is-missing",
        ADDS_UP,
        "A list has no pagination.",
        answered(LIST, lambda it: it._replace(body={"data": it.body["data"]}), is_done),
    ),
    Fault(
        "past-the-end-is-404",
        END,
        "A page past the end is answered 404.",
        answered(LIST, no_page, is_past_the_end),
    ),
    Fault(
        "past-the-end-is-the-first-page",
        END,
        "A page far past the end holds the first rows.",
        bounded(lambda size, number: (size, size * (number - 1) if number < 50 else 0)),
    ),
    Fault(
        "past-the-end-is-null",
        END,
        "A page past the end holds null.",
        answered(LIST, lambda it: it._replace(body={**it.body, "data": None}), is_past_the_end),
    ),
    Fault(
        "past-the-end-is-500",
        END,
        "A page past the end is answered 500.",
        answered(LIST, failure, is_past_the_end),
    ),
    Fault(
        "page-size-ends-at-999",
        BOUNDS,
        "perPage=1000 is refused.",
        amended(f"{PER_PAGE}/maximum", 999),
    ),
    Fault(
        "page-size-ends-at-1001",
        BOUNDS,
        "perPage=1001 is taken.",
        amended(f"{PER_PAGE}/maximum", 1001),
    ),
    Fault(
        "page-size-never-ends",
        BOUNDS,
        "perPage is taken, however large.",
        amended(f"{PER_PAGE}/maximum", 10**9),
    ),
    Fault(
        "page-size-is-cut-at-100",
        BOUNDS,
        "A page has at most 100 rows, even with perPage=1000.",
        bounded(lambda size, number: (min(size, 100), min(size, 100) * (number - 1))),
    ),
    Fault(
        "page-size-begins-at-2",
        BOUNDS,
        "perPage=1 is refused.",
        amended(f"{PER_PAGE}/minimum", 2),
    ),
    Fault(
        "page-size-0-is-taken",
        BOUNDS,
        "perPage=0 is answered with an empty page.",
        answered(LIST, empty_page(0), is_size_refused("less")),
    ),
    Fault(
        "page-size-0-is-500",
        BOUNDS,
        "perPage=0 is answered 500.",
        answered(LIST, failure, is_size_refused("less")),
    ),
    Fault(
        "page-size-1000-is-told-as-999",
        BOUNDS,
        "For a page of 1000 rows per_page is 999.",
        pagination_as(lambda pages: _sized(pages, 1000, 999)),
    ),
    Fault(
        "page-0-is-empty",
        FROM_1,
        "A page below 1 is answered with an empty page.",
        answered(LIST, empty_page(2), is_size_refused("less", "page")),
    ),
    Fault(
        "page-0-is-500",
        FROM_1,
        "A page below 1 is answered 500.",
        answered(LIST, failure, is_size_refused("less", "page")),
    ),
    Fault(
        "page-size-1001-is-500",
        BOUNDS,
        "perPage=1001 is answered 500.",
        answered(LIST, status(500), is_size_refused("more")),
    ),
)


def _sized(pages: Body, was: int, size: int) -> Body:
    return {**pages, "per_page": size} if pages["per_page"] == was else pages


FAULTS: tuple[Fault, ...] = (*_ORDER, *_PAGES)
