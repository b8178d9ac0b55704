"""The sidebar, built from answers that may be broken."""

from __future__ import annotations

from typing import Any

import pytest

from duologue.mockserver.inspector.views.sidebar import row, unread_of

NOW = 1_767_268_800
WITH_BO: dict[str, Any] = {
    "conversationId": "user_bo",
    "conversationType": "user",
    "unreadMessageCount": 2,
    "conversationWith": {"uid": "bo", "name": "Bo Chen"},
    "lastMessage": {"id": "7", "sender": "bo", "data": {"text": "Are you\ncoming?"}, "sentAt": NOW},
    "createdAt": NOW,
    "updatedAt": NOW,
    "tags": ["work"],
}


def test_a_row_shows_what_a_chat_app_shows() -> None:
    """Name, initials, last message on one line, time, unread count, tags."""
    shown = row(WITH_BO, "ana", NOW)

    assert shown.place == "users/bo"
    assert (shown.avatar.name, shown.avatar.initials) == ("Bo Chen", "BC")
    assert shown.preview == "Are you coming?"
    assert shown.at is not None
    assert shown.at.short == "12:00"
    assert (shown.unread, shown.tags) == ("2", ("work",))


def test_own_messages_are_marked() -> None:
    """The caller's own messages begin with "You"."""
    assert row(WITH_BO, "bo", NOW).preview == "You: Are you coming?"


def test_in_a_group_the_sender_is_named() -> None:
    """In a group the sender's uid is shown."""
    group = WITH_BO | {
        "conversationType": "group",
        "conversationWith": {"guid": "hikers", "name": "Sunday Hikers"},
    }
    shown = row(group, "ana", NOW)

    assert shown.place == "groups/hikers"
    assert shown.preview == "bo: Are you coming?"


@pytest.mark.parametrize(
    ("action", "by", "on", "preview"),
    [
        ("joined", "Vera Popov", "Vera Popov", "Vera Popov joined"),
        ("added", "Ana Lima", "Bo Chen", "Ana Lima added Bo Chen"),
        ("scopeChanged", "Ana Lima", "Bo Chen", "Ana Lima changed the scope of Bo Chen"),
        ("left", "Bo Chen", "", "Bo Chen left"),
        ("joined", "", "", "app_system: (joined)"),
    ],
)
def test_a_group_action_names_the_people(action: str, by: str, on: str, preview: str) -> None:
    entities = {"by": {"entity": {"name": by}}, "on": {"entity": {"name": on}}}
    message = {
        "sender": "app_system",
        "category": "action",
        "type": "groupMember",
        "data": {"action": action, "entities": entities},
    }
    group = WITH_BO | {"conversationType": "group", "lastMessage": message}

    assert row(group, "ana", NOW).preview == preview


def test_without_a_last_message_it_says_so() -> None:
    """A text replaces an absent last message."""
    shown = row({k: v for k, v in WITH_BO.items() if k != "lastMessage"}, "ana", NOW)

    assert not shown.has_message
    assert shown.preview
    assert shown.at is not None


@pytest.mark.parametrize(
    ("count", "badge"), [(0, ""), ("0", ""), (3, "3"), ("12", "12"), (None, "None"), (-1, "-1")]
)
def test_a_badge_shows_the_count_in_any_dialect_and_any_fault(count: object, badge: str) -> None:
    """Strings of digits are counts; other values are shown as they are."""
    assert unread_of(count) == badge


@pytest.mark.parametrize("name", sorted(WITH_BO))
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], {"uid": None}])
def test_any_broken_property_still_makes_a_row(name: str, value: object) -> None:
    """Broken properties do not break the page."""
    row(WITH_BO | {name: value}, "ana", NOW)


@pytest.mark.parametrize("shown", [None, 7, "x", [], {}])
def test_a_value_that_is_no_conversation_still_makes_a_row(shown: object) -> None:
    """Rows that are no conversations do not break the page."""
    assert row(shown, "ana", NOW).avatar.id == "?"
