"""Faults of the list's filters: ignored, inverted, or applied in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from duologue.mockserver.domain.model import Filters
from duologue.mockserver.faults.combinators import Change, replaced, wrapped
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Flag, Tables, Value

TYPE = "listing.conversation-type-filter"
UNREAD = "listing.unread-filter"
TAGS = "listing.tags-filter"
USER_TAGS = "listing.user-tags-filter"
GROUP_TAGS = "listing.group-tags-filter"
SEARCH = "listing.search-key-filter"
TOGETHER = "listing.filters-combine"

Criterion = Callable[..., Flag]
MARK = "\x1f"  # the separator around each tag in packed text


def ignored(*_: Any) -> Flag:
    """Select every row."""
    return true()


def turned_round(criterion: Criterion, *args: Any) -> Flag:
    """Select the rows that the filter should drop."""
    return not_(criterion(*args))


def never_groups(criterion: Criterion, tables: Tables, *rest: Any) -> Flag:
    """Select the rows that the filter should keep, without groups."""
    return and_(criterion(tables, *rest), tables.copy.c.kind == "user")


def never_users(criterion: Criterion, tables: Tables, *rest: Any) -> Flag:
    """Select the rows that the filter should keep, without 1-on-1s."""
    return and_(criterion(tables, *rest), tables.copy.c.kind == "group")


def always_groups(criterion: Criterion, tables: Tables, *rest: Any) -> Flag:
    """Select the rows that the filter should keep, and all groups."""
    return or_(criterion(tables, *rest), tables.copy.c.kind == "group")


def always_users(criterion: Criterion, tables: Tables, *rest: Any) -> Flag:
    """Select the rows that the filter should keep, and all 1-on-1s."""
    return or_(criterion(tables, *rest), tables.copy.c.kind == "user")


def without_one(end: Callable[..., Any]) -> Callable[..., Flag]:
    """Select the rows that the filter should keep, except the oldest or newest conversation."""

    def flag(criterion: Criterion, tables: Tables, *rest: Any) -> Flag:
        copy = schema.copies.alias().c
        at_the_end = (
            select(end(copy.conversation_id))
            .where(copy.uid == tables.copy.c.uid, copy.kind == tables.copy.c.kind)
            .scalar_subquery()
        )
        return and_(criterion(tables, *rest), tables.copy.c.conversation_id != at_the_end)

    return flag


# --- tags -----------------------------------------------------------------------------------------


def with_all(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select copies with all of these tags."""
    return and_(*(func.holds(tables.copy.c.tags, tag) for tag in wanted))


def with_first(criterion: Criterion, tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select copies with the first of these tags."""
    return criterion(tables, wanted[:1])


def with_part(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select copies with a tag that contains one of these."""
    return or_(*(func.holds(tables.copy.c.tags, func.replace(tag, MARK, "")) for tag in wanted))


def tagged_by_anybody(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select conversations to which any party gave one of these tags."""
    copy = schema.copies.alias().c
    return (
        select(copy.uid)
        .where(
            copy.conversation_id == tables.copy.c.conversation_id,
            or_(*(func.holds(copy.tags, tag) for tag in wanted)),
        )
        .exists()
    )


def peers_of_any_kind(tables: Tables, wanted: tuple[Value, ...]) -> Flag:
    """Select conversations with a user or a group that has one of these tags."""
    return or_(*(func.holds(tables.peer.c.tags, tag) for tag in wanted))


# --- names ----------------------------------------------------------------------------------------


def named_from_the_start(tables: Tables, key: Value) -> Flag:
    """Select conversations whose user or group has a name that begins with `key`."""
    name = tables.peer.c.search_name
    flag: Flag = func.substr(name, 1, func.length(key)) == key
    return flag


def named_exactly(tables: Tables, key: Value) -> Flag:
    """Select conversations whose user or group has exactly this name."""
    flag: Flag = tables.peer.c.search_name == key
    return flag


# --- several at once ------------------------------------------------------------------------------


def filters_changed(change: Callable[[Filters], Filters]) -> Change:
    """Change the requested filters."""
    return wrapped("filters_of", lambda read, query: change(read(query)))


def one_alone(filters: Filters) -> Filters:
    """Drop conversationType if another filter is given."""
    others = filters._replace(conversation_type=None)
    return filters if others == Filters() else others


def unread_alone(filters: Filters) -> Filters:
    """Drop all other filters if unread is given."""
    return Filters(unread=True) if filters.unread else filters


def counted_past(number: int) -> Callable[[Tables, ColumnElement[int]], Flag]:
    """Select conversations with more than `number` unread messages."""
    return lambda _, count: count > number


_EACH = (
    (TYPE, "of_type", "type-filter", "conversationType"),
    (UNREAD, "with_unread", "unread-filter", "unread"),
    (TAGS, "tagged", "tags-filter", "tags"),
    (USER_TAGS, "with_tagged_user", "user-tags-filter", "userTags"),
    (GROUP_TAGS, "with_tagged_group", "group-tags-filter", "groupTags"),
    (SEARCH, "with_name_like", "search-filter", "searchKey"),
)


def _of_each(clause: str, part: str, word: str, name: str) -> tuple[Fault, ...]:
    return (
        Fault(
            f"{word}-is-ignored",
            clause,
            f"{name} drops nothing.",
            replaced(**{part: ignored}),
        ),
        Fault(
            f"{word}-is-turned-round",
            clause,
            f"{name} is inverted: it drops the matching conversations and keeps the others.",
            wrapped(part, turned_round),
        ),
        Fault(
            f"{word}-misses-the-oldest",
            clause,
            f"{name} also drops the oldest of the matching conversations.",
            wrapped(part, without_one(func.min)),
        ),
        Fault(
            f"{word}-misses-the-newest",
            clause,
            f"{name} also drops the newest of the matching conversations.",
            wrapped(part, without_one(func.max)),
        ),
    )


FAULTS: tuple[Fault, ...] = (
    *(fault for each in _EACH for fault in _of_each(*each)),
    Fault(
        "type-filter-keeps-groups",
        TYPE,
        "conversationType=user keeps groups, too.",
        wrapped("of_type", always_groups),
    ),
    Fault(
        "type-filter-keeps-users",
        TYPE,
        "conversationType=group keeps 1-on-1s, too.",
        wrapped("of_type", always_users),
    ),
    Fault(
        "unread-filter-drops-one-unread",
        UNREAD,
        "unread=true drops conversations with a single unread message.",
        replaced(with_unread=counted_past(1)),
    ),
    Fault(
        "unread-filter-keeps-groups",
        UNREAD,
        "unread=true keeps all groups.",
        wrapped("with_unread", always_groups),
    ),
    Fault(
        "unread-filter-drops-groups",
        UNREAD,
        "unread=true drops all groups.",
        wrapped("with_unread", never_groups),
    ),
    Fault(
        "tags-filter-wants-all",
        TAGS,
        "tags keeps only conversations with all of the tags.",
        replaced(tagged=with_all),
    ),
    Fault(
        "tags-filter-takes-the-first",
        TAGS,
        "tags uses only the first tag.",
        wrapped("tagged", with_first),
    ),
    Fault(
        "tags-filter-takes-parts",
        TAGS,
        "tags keeps conversations whose tags contain the word.",
        replaced(tagged=with_part),
    ),
    Fault(
        "tags-filter-takes-anybodys",
        TAGS,
        "tags keeps conversations that another party has tagged.",
        replaced(tagged=tagged_by_anybody),
    ),
    Fault(
        "user-tags-filter-takes-the-first",
        USER_TAGS,
        "userTags uses only the first tag.",
        wrapped("with_tagged_user", with_first),
    ),
    Fault(
        "group-tags-filter-takes-the-first",
        GROUP_TAGS,
        "groupTags uses only the first tag.",
        wrapped("with_tagged_group", with_first),
    ),
    Fault(
        "user-tags-filter-takes-groups",
        USER_TAGS,
        "userTags keeps groups that carry the tag, too.",
        replaced(with_tagged_user=peers_of_any_kind),
    ),
    Fault(
        "group-tags-filter-takes-users",
        GROUP_TAGS,
        "groupTags keeps 1-on-1s with users who carry the tag, too.",
        replaced(with_tagged_group=peers_of_any_kind),
    ),
    Fault(
        "search-filter-takes-beginnings",
        SEARCH,
        "searchKey keeps only names that begin with it.",
        replaced(with_name_like=named_from_the_start),
    ),
    Fault(
        "search-filter-takes-whole-names",
        SEARCH,
        "searchKey keeps only names that are equal to it.",
        replaced(with_name_like=named_exactly),
    ),
    Fault(
        "search-filter-drops-groups",
        SEARCH,
        "searchKey drops groups.",
        wrapped("with_name_like", never_groups),
    ),
    Fault(
        "search-filter-drops-users",
        SEARCH,
        "searchKey drops 1-on-1s.",
        wrapped("with_name_like", never_users),
    ),
    Fault(
        "filters-drop-the-type",
        TOGETHER,
        "conversationType is ignored where another filter is given.",
        filters_changed(one_alone),
    ),
    Fault(
        "filters-drop-all-but-unread",
        TOGETHER,
        "All other filters are ignored where unread is given.",
        filters_changed(unread_alone),
    ),
)
