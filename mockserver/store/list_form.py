"""The form of a request for a list: which filters it has, without their values."""

from __future__ import annotations

from typing import NamedTuple

from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import criteria
from duologue.mockserver.store.criteria import Criteria


class Form(NamedTuple):
    """Which filters a request has: requests of one form share a statement."""

    of_caller: bool
    of_type: bool
    unread: bool
    tags: int
    user_tags: int
    group_tags: int
    search: bool
    hide_blocked: bool
    is_counted: bool  # its total follows from `copy_counts` or `unread_copies`
    is_deep: bool  # it begins behind rows that need not be ordered to the last

    @classmethod
    def of(cls, by: Criteria, caller: str | None, *, wanted: Filters, is_deep: bool) -> Form:
        """Return the form of a request, by criteria of which some may be replaced."""
        tags = len(wanted.tags or ())
        user_tags, group_tags = len(wanted.user_tags or ()), len(wanted.group_tags or ())
        is_filtered = bool(tags or user_tags or group_tags) or wanted.search_key is not None
        is_counted = not is_filtered and _is_usual(by)
        if wanted.unread:
            is_counted = is_counted and caller is None and _has_usual_counts(by)
        return cls(
            of_caller=caller is not None,
            of_type=wanted.conversation_type is not None,
            unread=bool(wanted.unread),
            tags=tags,
            user_tags=user_tags,
            group_tags=group_tags,
            search=wanted.search_key is not None,
            hide_blocked=wanted.hide_blocked,
            is_counted=is_counted,
            is_deep=is_deep and is_counted and by.newest_first is criteria.newest_first,
        )


def _is_usual(by: Criteria) -> bool:
    """Return whether which copies a list without filters has is as `list_starts` takes it."""
    return (
        by.of_caller is criteria.of_caller
        and by.visible is criteria.visible
        and by.not_blocked is criteria.not_blocked
        and by.of_type is criteria.of_type
    )


def _has_usual_counts(by: Criteria) -> bool:
    """Return whether which copies are unread is as `unread_copies` takes it."""
    return by.unread_count is criteria.unread_count and by.with_unread is criteria.with_unread
