"""Held means seen: where the target does not show a thing, nothing about it is held."""

import pytest

from duologue.contracts.run.results import Verdict
from support.independent.app import App

ABOUT = {
    "conversationId": ("conversation-id",),
    "conversationType": ("properties.conversation-type",),
    "unreadMessageCount": ("unread-message-count", "own-messages", "crowded-group-keeps-count"),
    "lastMessage": ("last-message",),
    "conversationWith": ("conversation-with",),
    "createdAt": ("created-at",),
    "updatedAt": ("updated-at",),
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

    listing = [one for one in held(outcome) if one.startswith("listing.")]
    assert listing == []
    assert outcome.exit_code == 1


def test_tags_that_are_never_shown_are_not_held(judge, make_app):
    """Neither by PUT nor by GET nor in the list."""

    def conversation(self, key, messages, **wants):
        return App.conversation(self, key, messages)

    def update(self, request):
        return {k: v for k, v in App.update(self, request).items() if k != "tags"}

    outcome = judge(make_app(overrides={"conversation": conversation, "update": update}))

    about = [one for one in held(outcome) if "tags" in one and "user" not in one]
    assert about == ["listing.tags-filter", "listing.group-tags-filter"]  # seen by the rows
