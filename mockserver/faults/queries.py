"""Faults of lists by two filters at once, by words of some kind, and of the rows they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, or_

from duologue.mockserver.domain.model import Filters
from duologue.mockserver.faults.combinators import Change, answered, is_done, replaced, wrapped
from duologue.mockserver.faults.consistency import PAGES
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.faults.filters import SEARCH, TAGS, TOGETHER, filters_changed
from duologue.mockserver.faults.pages import (
    LIST,
    NEWEST_FIRST,
    Asked,
    counting_one_more,
    knowing_the_query,
    repeating,
)
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store.criteria import Flag, Tables, Value

ROWS = "consistency.rows-tell-the-same-in-each-list"
FOUND = "consistency.tags-are-found-as-sent"
NOBODYS = "a word that nothing has"
LONG = 60
Body = dict[str, Any]

# --- two filters ----------------------------------------------------------------------------------


def by_both(one: str, other: str) -> Callable[[Asked], bool]:
    """Match lists with both parameters."""
    return lambda asked: {one, other} <= asked.query.keys()


def losing_one(where: Callable[[Asked], bool]) -> Change:
    """Leave out the last row of lists that have several."""
    return _on_rows(where, lambda rows: rows[:-1] if len(rows) > 1 else rows)


def _on_rows(where: Callable[[Asked], bool], change: Callable[[list[Body]], list[Body]]) -> Change:
    def build(asked: Asked) -> Change:
        def keep(answer: ApiResponse) -> ApiResponse:
            if not where(asked):
                return answer
            return answer._replace(body={**answer.body, "data": change(answer.body["data"])})

        return answered(LIST, keep, is_done)

    return knowing_the_query(build)


# --- words ----------------------------------------------------------------------------------------


def tags_sought(change: Callable[[str], str]) -> Change:
    """Look for other tags than those that are asked for."""

    def changed(filters: Filters) -> Filters:
        return filters._replace(tags=filters.tags and tuple(map(change, filters.tags)))

    return filters_changed(changed)


def not_sought(where: Callable[[str], bool]) -> Change:
    """Find nothing by tags of some kind."""
    return tags_sought(lambda tag: NOBODYS if where(tag) else tag)


def names_outside_ascii(filters: Filters) -> Filters:
    """Find nothing by a searchKey outside ASCII."""
    key = filters.search_key
    return filters if key is None or key.isascii() else filters._replace(search_key=NOBODYS)


def with_first_two(
    criterion: Callable[..., Flag], tables: Tables, wanted: tuple[Value, ...]
) -> Flag:
    """Select copies with the first or the second of these tags."""
    return criterion(tables, wanted[:2])


def without_hash(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select copies with one of these tags, with or without #."""
    tags = func.replace(tables.copy.c.tags, "#", "")
    return or_(*(func.holds(tags, func.replace(tag, "#", "")) for tag in wanted))


# --- rows -----------------------------------------------------------------------------------------


def by_any(*names: str) -> Callable[[Asked], bool]:
    """Match lists with one of these parameters."""
    return lambda asked: not asked.query.keys().isdisjoint(names)


def without(name: str) -> Callable[[list[Body]], list[Body]]:
    """Return a function that leaves a property out of all rows."""
    return lambda rows: [{key: row[key] for key in row if key != name} for row in rows]


def of_none_unread(rows: list[Body]) -> list[Body]:
    """Show rows with a count of 0."""
    return [{**row, "unreadMessageCount": 0} for row in rows]


_PAIRS = (
    ("tags", "unread"),
    ("unread", "conversationType"),
    ("userTags", "conversationType"),
    ("groupTags", "unread"),
    ("searchKey", "conversationType"),
    ("searchKey", "userTags"),
    ("searchKey", "unread"),
)
_WORDS = {
    "conversationType": "type",
    "userTags": "user-tags",
    "groupTags": "group-tags",
    "searchKey": "search",
    "withTags": "with-tags",
    "withUserAndGroupTags": "with-peers-tags",
    "perPage": "page-size",
}
_ALONE = ("tags", "unread", "searchKey", "userTags", "conversationType", "withTags", "perPage")
_UNCOUNTED = ("userTags", "groupTags", "withTags", "withUserAndGroupTags", "page")


def _word(name: str) -> str:
    return _WORDS.get(name, name)


FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"{_word(one)}-and-{_word(other)}-pages-overlap",
            PAGES,
            f"With {one} and {other}, a page begins with the last row of the one before.",
            repeating(by_both(one, other)),
        )
        for one, other in _PAIRS
    ),
    *(
        Fault(
            f"{_word(one)}-and-{_word(other)}-total-is-one-too-many",
            PAGES,
            f"With {one} and {other}, total is one too many.",
            counting_one_more(by_both(one, other)),
        )
        for one, other in _PAIRS[:2]
    ),
    *(
        Fault(
            f"{_word(one)}-and-{_word(other)}-lose-a-row",
            TOGETHER,
            f"With {one} and {other}, the last row is missing.",
            losing_one(by_both(one, other)),
        )
        for one, other in _PAIRS
    ),
    *(
        Fault(
            f"rows-by-{_word(name)}-have-no-last-message",
            ROWS,
            f"A list with {name} shows no lastMessage.",
            _on_rows(by_any(name), without("lastMessage")),
        )
        for name in _ALONE
    ),
    *(
        Fault(
            f"rows-by-{_word(name)}-count-nothing",
            ROWS,
            f"A list with {name} shows a count of 0 in each row.",
            _on_rows(by_any(name), of_none_unread),
        )
        for name in _UNCOUNTED
    ),
    *(
        Fault(
            f"{name}-hides-tags",
            ROWS,
            f"With withTags and {name}, no row shows tags.",
            _on_rows(by_both("withTags", name), without("tags")),
        )
        for name in ("tags", "unread")
    ),
    Fault(
        "unread-list-is-oldest-first",
        NEWEST_FIRST,
        "A list with unread begins with the oldest row.",
        _on_rows(by_any("unread"), lambda rows: rows[::-1]),
    ),
    Fault(
        "tags-filter-takes-two",
        TAGS,
        "tags uses only the first two tags.",
        wrapped("tagged", with_first_two),
    ),
    Fault(
        "search-knows-ascii-alone",
        SEARCH,
        "searchKey finds nothing by words outside ASCII.",
        filters_changed(names_outside_ascii),
    ),
    *(
        Fault(f"tags-filter-{name}", FOUND, f"tags finds nothing by {what}.", not_sought(where))
        for name, what, where in (
            ("knows-ascii-alone", "tags outside ASCII", lambda tag: not tag.isascii()),
            ("knows-no-hash", "tags with #", lambda tag: "#" in tag),
            ("knows-no-digits", "tags of digits alone", lambda tag: tag.isdigit()),
            ("knows-no-long-tags", "tags over 60 characters", lambda tag: len(tag) > LONG),
        )
    ),
    Fault(
        "tags-filter-leaves-out-hashes",
        FOUND,
        "tags takes a tag with # for the one without.",
        replaced(tagged=without_hash),
    ),
    Fault(
        "tags-filter-takes-numbers",
        FOUND,
        "tags looks for the number that a tag of digits is: 7 for 007.",
        tags_sought(lambda tag: tag.lstrip("0") if tag.isdigit() else tag),
    ),
)
