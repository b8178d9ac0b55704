"""Tests of a client of the API: built worlds, faults and a controlled clock."""

import pytest
from sidebar.client import Chats, Refused


def test_the_newest_chat_is_on_top(mockserver, ana):
    mockserver.world().dm("ana", "cleo").dm("ana", "bo", unread=3).load()

    assert [(row.title, row.unread) for row in ana.rows()] == [("Bo", 3), ("Cleo", 0)]
    assert ana.badge() == 3


def test_opening_a_chat_clears_its_badge(mockserver, ana):
    mockserver.world().dm("ana", "bo", unread=3).dm("ana", "cleo", unread=2).load()

    ana.open("bo")

    assert ana.badge() == 2


def test_a_new_group_shows_no_messages(mockserver, ana):
    mockserver.world().group("hikers", name="Sunday Hikers", members=["ana", "bo"]).load()

    assert ana.rows()[0].preview == "No messages yet"


def test_a_deleted_message_is_not_previewed(mockserver, ana):
    mockserver.world().dm("ana", "bo", read=2, deleted_last=True).load()

    assert ana.rows()[0].preview == "No messages yet"


def test_a_world_may_be_a_document(mockserver, ana):
    said = {"from": "bo", "to": {"user": "ana"}, "text": "Are you coming?"}
    mockserver.load({"users": ["ana", "bo"], "messages": [said]})

    assert [(row.preview, row.unread) for row in ana.rows()] == [("Are you coming?", 1)]


def test_a_world_may_have_a_name(mockserver, ana):
    mockserver.load("inbox")

    assert len(ana.rows()) > 40


def test_the_clock_can_be_frozen(mockserver, ana):
    mockserver.world().user("ana").user("bo").load()
    now = mockserver.clock.freeze(1_800_000_000)

    ana.send("bo", "Hello")
    mockserver.clock.advance(hours=2)
    ana.send("bo", "Still there?")

    assert ana.chat("bo")["createdAt"] == now
    assert ana.chat("bo")["updatedAt"] == now + 7200


def test_the_sidebar_retries_on_429(mockserver, ana):
    mockserver.world().dm("ana", "bo", unread=1).load()
    mockserver.limit(0)

    with pytest.raises(Refused) as refused:
        ana.badge()

    assert refused.value.status == 429
    assert [entry["status"] for entry in mockserver.journal] == [429] * 4


def test_a_fault_ends_with_its_block(mockserver, ana):
    mockserver.world().dm("ana", "bo", unread=1).load()

    with mockserver.fault("count-is-text"):
        assert ana.chat("bo")["unreadMessageCount"] == "1"
        assert ana.badge() == 1  # the sidebar accepts text

    assert ana.chat("bo")["unreadMessageCount"] == 1


@pytest.mark.parametrize("_", range(2))
def test_a_fault_ends_with_the_test(mockserver, ana, _):
    before = ana.chat("bo")["unreadMessageCount"]
    mockserver.fault("read-user-does-nothing")

    ana.open("bo")

    assert ana.chat("bo")["unreadMessageCount"] == before == 3


def test_the_journal_lists_the_requests(mockserver, ana):
    mockserver.world().dm("ana", "bo", unread=1).load()
    ana.open("bo")
    with pytest.raises(Refused):
        ana.chat("nobody")

    assert len(mockserver.journal) == 2
    assert mockserver.journal[0]["operation"] == "markUserConversationAsRead"
    assert [e["code"] for e in mockserver.journal.entries(status="4xx")] == ["ERR_UID_NOT_FOUND"]
    mockserver.journal.clear()
    assert list(mockserver.journal) == []


def test_the_live_dialect_is_understood_too(mockserver, ana):
    mockserver.world().dm("ana", "bo", unread=3).load()
    mockserver.set_dialect("live")

    assert ana.chat("bo")["conversationId"] == "ana_user_bo"
    assert ana.badge() == 3


def test_url_and_key_are_all_that_a_client_needs(mockserver_url):
    assert Chats(mockserver_url, "mock-api-key", "ana").rows()
