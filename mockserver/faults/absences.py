"""Faults that remove something everywhere, and the clauses that then cannot be held.

`UNSEEN` gives for such faults, here or elsewhere, the clauses that must not be held: what
they check was not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.faults.combinators import Body, done_as, valued, wrapped
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.faults.listing import pagination_as
from duologue.mockserver.http.representations.serializers import ABSENT

PAGINATION = ("total", "count", "per_page", "current_page", "total_pages")


def without_time(show: Callable[..., Any], *args: Any) -> Any:
    """Show a message without sentAt."""
    shown = show(*args)
    return {name: v for name, v in shown.items() if name != "sentAt"} if shown else shown


def _less(name: str) -> Callable[[Body], Body]:
    return lambda pages: {key: value for key, value in pages.items() if key != name}


FAULTS: tuple[Fault, ...] = (
    Fault(
        "tags-are-missing",
        "operations.update-user-conversation",
        "No answer shows the tags of a conversation.",
        valued("tags", ABSENT),
    ),
    Fault(
        "sent-at-is-missing",
        "properties.last-message-is-an-object",
        "No message has sentAt.",
        wrapped("show_message", without_time),
    ),
    Fault(
        "list-is-always-empty",
        "operations.list-conversations",
        "Each list is empty for all callers.",
        done_as(["listConversations"], lambda _: []),
    ),
    *(
        Fault(
            f"pagination-lacks-{name.replace('_', '-')}",
            "listing.pagination-adds-up",
            f"meta.pagination has no {name}.",
            pagination_as(_less(name)),
        )
        for name in PAGINATION
    ),
)

_LISTING = (
    "newest-first",
    "page-size",
    "pages-follow-each-other",
    "pagination-adds-up",
    "past-the-end-is-empty",
    "page-numbers-begin-at-1",
    "conversation-type-filter",
    "unread-filter",
    "with-tags",
    "tags-only-on-request",
    "tags-filter",
    "with-user-and-group-tags",
    "user-tags-filter",
    "group-tags-filter",
    "search-key-filter",
    "filters-combine",
    "whole-app",
)
_COUNTING = (
    "properties.unread-message-count-is-an-integer",
    "properties.unread-message-count-counts",
    "properties.own-messages-never-count",
    "properties.looking-reads-nothing",
    "key-behaviors.full-group-still-counts",
    "key-behaviors.crowded-group-keeps-count",
    "marks.read-is-the-callers-alone",
    "marks.read-up-to-a-message",
    "marks.repeats-change-nothing",
    "marks.unread-after-a-message",
    "marks.unread-is-the-callers-alone",
    "marks.reset-is-the-callers-alone",
    "requests.delivered-up-to-reads-nothing",
    "requests.read-up-to-any-message",
    "requests.unread-after-any-message",
    "counts.count-has-no-cap",
    "counts.deletions-take-only-their-own",
    "consistency.every-answer-tells-the-same",
    "consistency.writes-at-once-all-count",
)
_TAGS = (
    "key-behaviors.at-most-25-tags",
    "key-behaviors.tags-up-to-100-characters",
    "key-behaviors.tags-are-utf8mb4",
    "key-behaviors.refused-tags-change-nothing",
    "key-behaviors.tags-are-replaced",
    "key-behaviors.tags-are-the-callers-alone",
    "key-behaviors.tags-stay",
    "listing.with-tags",
    "listing.tags-only-on-request",
    "consistency.tags-are-kept-letter-for-letter",
    "consistency.rows-tell-the-same-in-each-list",
    "consistency.members-touch-no-other-member",
)
_LAST = (
    "properties.last-message-is-an-object",
    "connections.last-message-is-the-newest",
    "key-behaviors.deleted-last-message-is-hidden",
    "key-behaviors.other-deletions-leave-last-message",
    "key-behaviors.new-group-has-no-last-message",
    "key-behaviors.crowded-group-keeps-last-message",
    "connections.last-message-is-whole",
    "consistency.every-answer-tells-the-same",
    "consistency.rows-tell-the-same-in-each-list",
    "listing.newest-first",
)
_WITH = (
    "properties.conversation-with-is-an-object",
    "connections.conversation-with-is-the-other-user",
    "connections.conversation-with-is-the-group",
    "access.ids-in-any-case",
    "consistency.every-answer-tells-the-same",
)
UNSEEN: dict[str, tuple[str, ...]] = {
    "id-is-missing": (
        "properties.conversation-id-is-a-string",
        "properties.conversation-id-format",
        "properties.conversation-id-is-unique",
    ),
    "type-is-missing": ("properties.conversation-type",),
    "count-is-missing": _COUNTING,
    "last-message-is-missing": _LAST,
    "peer-is-missing": _WITH,
    "created-at-is-missing": (
        "properties.created-at-is-unix-seconds",
        "properties.created-at-stays",
    ),
    "updated-at-is-missing": (
        "properties.updated-at-is-unix-seconds",
        "properties.updated-at-moves-with-messages",
        "properties.updated-at-rests",
        "key-behaviors.crowded-group-keeps-updated-at",
        "key-behaviors.full-group-still-counts",
        "listing.newest-first",
    ),
    "tags-are-missing": _TAGS,
    "sent-at-is-missing": ("properties.last-message-is-an-object",),
    "pagination-is-missing": ("listing.pagination-adds-up", "consistency.filtered-pages-join"),
    "list-is-always-empty": (
        *(f"listing.{name}" for name in _LISTING),
        "listing.unread-false-keeps-all",
        "listing.default-page-size",
        "listing.page-size-bounds",
        "properties.looking-reads-nothing",
        "access.ids-in-any-case",
        "consistency.every-answer-tells-the-same",
        "consistency.filtered-pages-join",
        "consistency.rows-tell-the-same-in-each-list",
        "consistency.tags-are-found-as-sent",
        "consistency.a-filtered-list-is-as-of-now",
    ),
}
