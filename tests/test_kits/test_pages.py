"""What a user sees and does in a page made of the vendor's UI kits, and what the mock has of it."""

from __future__ import annotations

import re

import pytest

from support.clients.kit_chat import BUBBLE, DELETED, RECEIPT, Chat
from support.waiting import happens


@pytest.fixture
def chat(open_chat, kit):
    """Ana's page."""
    return Chat(open_chat(), kit)


def _newest_text(api):
    """Return the text of the newest message; a kit shows what is sent before it is answered."""
    return api.newest("nearly", "ana")["data"].get("text")


def test_the_sidebar_shows_every_state_of_the_inbox(chat, kit, expect, shots, complaints):
    expect(chat.row("Olga Ivanova")).to_contain_text(re.compile("yesterday.*2", re.DOTALL))
    for name, receipt in (
        ("Sara Nilsen", "sent"),
        ("Dario Conti", "delivered"),
        ("Rosa Méndez", "read"),
    ):
        expect(chat.row(name).locator(RECEIPT[kit].format(receipt)).first).to_be_visible()
    for name, preview in (
        ("Paulo Reis", "Image"),
        ("Femi Adeyemi", "Video"),
        ("Vera Popov", "Audio"),
        ("Per Lindqvist", "File"),
        ("Trip to the lake", "Vera Popov joined"),
        ("Release crew", "@Ana Lima can"),
        ("Mona Said", "Ask @Ana Lima or @Femi Adeyemi"),
        ("Eli Cohen", "Platform 9"),
    ):
        expect(chat.row(name)).to_contain_text(preview)
    expect(chat.row("Boris Blum")).to_have_count(0)
    chat.page.screenshot(path=shots / f"kit-{kit}-sidebar.png")

    assert complaints.found == []


def test_a_conversation_that_is_opened_is_read(chat, kit, api, expect, shots, complaints):
    expect(chat.row("Nearly")).to_contain_text("99")
    chat.open("Nearly")

    expect(chat.bubbles.last).to_contain_text("How was the first day?")
    expect(chat.row("Nearly")).not_to_contain_text("99")
    chat.page.screenshot(path=shots / f"kit-{kit}-conversation.png")
    assert happens(lambda: api.newest("nearly", "ana").get("readAt"))
    assert api.call("/users/nearly/conversation", "ana")["unreadMessageCount"] == 0
    assert complaints.found == []


def test_a_message_is_sent_and_deleted(chat, kit, api, expect, shots, complaints):
    chat.open("Nearly")
    chat.send("Written in the page")

    expect(chat.bubbles.last).to_contain_text("Written in the page")
    expect(chat.row("Nearly")).to_contain_text("Written in the page")
    assert happens(lambda: _newest_text(api) == "Written in the page")

    chat.delete("Written in the page")

    expect(chat.bubbles.last).to_contain_text(DELETED)
    chat.page.screenshot(path=shots / f"kit-{kit}-deleted.png")
    assert happens(lambda: "deletedAt" in api.newest("nearly", "ana"))
    assert complaints.found == []


def test_a_long_history_is_loaded_while_scrolling(chat, expect, complaints):
    chat.open("Hana Kovář")
    expect(chat.bubbles).to_have_count(30)

    expect(chat.bubbles.last).to_be_in_viewport()
    chat.scroll_to_older()

    expect(chat.bubbles).to_have_count(60)
    assert complaints.found == []


def test_a_thread_is_told_at_its_message(open_chat, kit, api, expect, complaints):
    chat = Chat(open_chat(), kit)
    number = api.newest("ana", "nearly")["id"]
    reply = {"receiver": "nearly", "receiverType": "user", "data": {"text": "The best one"}}
    for _ in range(2):
        api.call(f"/messages/{number}/thread", "ana", "POST", reply)
    chat.open("Nearly")

    expect(chat.page.locator("#chat")).to_contain_text(re.compile("2 repl", re.IGNORECASE))
    assert complaints.found == []


def test_media_mentions_and_actions_are_shown(chat, kit, expect, shots, complaints):
    for name, shown in (
        ("Carla Bianchi", "" if kit == "6.5.6" else "The garden this morning"),  # no captions in 6
        ("Trip to the lake", "Vera Popov joined"),
        ("Mona Said", "@Femi Adeyemi"),
        ("Paulo Reis", ""),
    ):
        chat.row(name).click()
        expect(chat.page.locator("#chat")).to_contain_text(shown)
    expect(chat.page.locator(f"#chat {BUBBLE} img").last).to_be_visible()
    chat.page.screenshot(path=shots / f"kit-{kit}-photo.png")

    assert complaints.found == []


def test_without_a_socket_only_receipts_are_complained_about(open_chat, kit, api, complaints):
    """6.5.6 confirms what it shows over the socket alone; all else works over HTTP."""
    chat = Chat(open_chat(socket=False), kit)
    chat.open("Nearly")
    chat.send("Sent without a socket")
    chat.page.locator("#chat").get_by_text("Sent without a socket").wait_for()

    assert happens(lambda: _newest_text(api) == "Sent without a socket")
    codes = {each for each in complaints.found if "unhandled" in each}
    assert codes == ({"error: unhandled: NO_WEBSOCKET_CONNECTION"} if kit == "6.5.6" else set())
