"""Held means seen: where the target does not show a thing, nothing about it is held."""

import pytest

from duologue.contracts.run.results import Verdict
from support.independent.app import App

pytestmark = pytest.mark.one_python

ABOUT = {
    "conversationId": ("conversation-id",),
    "conversationType": ("properties.conversation-type",),
    "unreadMessageCount": ("unread-message-count", "own-messages", "crowded-group-keeps-count"),
    "lastMessage": ("last-message", "newest-first"),
    "conversationWith": ("conversation-with",),
    "createdAt": ("created-at",),
    "updatedAt": ("updated-at", "newest-first", "full-group"),
}


def held(outcome):
    return [each.clause.id for each in outcome.results if each.verdict is Verdict.HELD]


@pytest.mark.parametrize("name", ABOUT)
def test_what_is_never_shown_is_not_held(judge, make_app, name):
    """One property taken away everywhere: broken, not reached or not staged (case T3)."""

    def conversation(self, key, messages, **wants):
        shown = App.conversation(self, key, messages, **wants)
        return {key: value for key, value in shown.items() if key != name}

    outcome = judge(make_app(overrides={"conversation": conversation}))

    assert [one for one in held(outcome) if any(word in one for word in ABOUT[name])] == []
    assert outcome.exit_code == 1


def test_of_an_empty_list_nothing_is_held(judge, make_app):
    """Neither order nor filters, pages nor tags were seen."""
    outcome = judge(make_app(overrides={"listed_copies": lambda self, request: {}}))

    about = ("listing.", "looking-reads-nothing", "tells-the-same", "filtered")
    assert [one for one in held(outcome) if any(word in one for word in about)] == []
    assert outcome.exit_code == 1


def test_tags_that_are_never_shown_are_not_held(judge, make_app):
    """Neither by PUT nor by GET nor in the list."""

    def conversation(self, key, messages, **wants):
        return App.conversation(self, key, messages)

    def update(self, request):
        return {k: v for k, v in App.update(self, request).items() if k != "tags"}

    outcome = judge(make_app(overrides={"conversation": conversation, "update": update}))

    about = [one for one in held(outcome) if "tags" in one and "user" not in one]
    by_rows = ["listing.tags-filter", "listing.group-tags-filter"]
    assert about == [*by_rows, "consistency.tags-are-found-as-sent"]  # seen by the rows
    assert {"consistency.members-touch-no-other-member", "consistency.ids-that-look-alike"} & {
        *held(outcome)
    } == set()


def test_totals_that_are_never_told_are_not_held(judge, make_app):
    def page(self, request, rows, show):
        return {"data": App.page(self, request, rows, show)["data"]}

    outcome = judge(make_app(overrides={"page": page}), "listing.pagination-adds-up", "*pages-join")

    assert held(outcome) == []


def test_a_time_that_no_message_has_is_not_taken_for_one(judge, make_app):
    """Without sentAt, updatedAt of a full group has to move all the same."""

    def without_sent_at(self, message):
        shown = App.serialize_message(self, message)
        return {key: value for key, value in shown.items() if key != "sentAt"}

    def stays(self, key, messages):
        return messages[0].sent_at

    overrides = {"serialize_message": without_sent_at, "updated_at": stays}
    outcome = judge(make_app(overrides=overrides), "key-behaviors.full-group-still-counts")

    assert held(outcome) == []
