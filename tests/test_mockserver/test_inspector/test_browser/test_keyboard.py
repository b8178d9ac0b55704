"""The page with the keyboard only."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world

pytestmark = pytest.mark.starts_browser


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def focused(page):
    found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return found.strip()


def tab_to(page, id_, *, most=60):
    """Press Tab until the element has the focus."""
    for _ in range(most):
        press(page, "Tab")
        if focused(page) == id_:
            return
    raise AssertionError(f"{most} times Tab do not lead to {id_}")


@pytest.fixture
def page(serve, open_page):
    """A page of ana with two unread messages of bo."""
    builder = world().user("ana").user("bo").dm("ana", "bo", read=1, unread=2)
    return open_page(serve(builder.build()).control + "/?as=ana")


def test_the_first_stops_skip_to_the_panes(expect, page):
    """Four skip links come first; each moves the focus to its pane."""
    stops = []
    for _ in range(4):
        press(page, "Tab")
        stops.append(focused(page))
    assert stops == [
        "Skip to users",
        "Skip to conversations",
        "Skip to messages",
        "Skip to requests",
    ]
    press(page, "Enter")
    expect(page.locator("#requests")).to_be_focused()
    press(page, "Tab")
    assert focused(page) == "clear-log"


def test_a_message_is_read_answered_and_marked_by_keys_alone(expect, page):
    """Open a conversation, mark it as read and answer without a mouse."""
    tab_to(page, "chat-users/bo")
    press(page, "Enter")
    expect(page.locator("#thread-title")).to_be_focused()
    press(page, "Tab")
    expect(page.get_by_role("button", name="Mark read")).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".chat .badge")).to_have_count(0)
    expect(page.get_by_role("button", name="Mark read")).to_be_focused()

    tab_to(page, "send-text")
    page.keyboard.type("On my way")
    press(page, "Shift+Enter")
    page.keyboard.type("really")
    press(page, "Enter")

    expect(page.locator(".message .text").last).to_have_text("On my way\nreally")
    expect(page.locator("#send-text")).to_be_focused()
    expect(page.locator("#send-text")).to_have_value("")


def test_menus_open_and_close_by_keys(expect, page):
    """Enter opens, Escape closes and gives the focus back; one menu is open at a time."""
    page.locator("#clock-menu summary").focus()
    press(page, "Enter", "Tab")
    expect(page.locator("#clock-freeze")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#clock-state")).to_contain_text("frozen")
    press(page, "Escape")
    expect(page.locator("#clock-menu")).not_to_have_attribute("open", "")
    expect(page.locator("#clock-menu summary")).to_be_focused()

    press(page, "Enter")
    page.locator("#dialect-menu summary").focus()
    press(page, "Enter")
    expect(page.locator("details.menu[open]")).to_have_count(1)


def test_updates_keep_the_focus(expect, page):
    """Updates keep the focus and the typed text."""
    page.locator("#chat-users\\/bo").click()
    page.locator("#send-text").fill("half a")
    page.locator("#chat-users\\/bo").focus()
    url = page.url.split("/_mock")[0]
    page.request.post(
        f"{url}/v3/messages",
        headers={"apikey": "mock-api-key", "onBehalfOf": "bo"},
        data={"receiver": "ana", "receiverType": "user", "data": {"text": "And now?"}},
    )

    expect(page.locator(".chat .badge")).to_have_text("3 unread")
    expect(page.locator("#chat-users\\/bo")).to_be_focused()
    expect(page.locator("#send-text")).to_have_value("half a")


def test_the_back_key_restores_the_view(expect, page):
    """Each view has a URL, so the browser's history works."""
    page.locator("#chat-users\\/bo").click()
    expect(page.locator("#send-text")).to_be_visible()

    page.go_back()

    expect(page.locator("#send-text")).to_have_count(0)
    expect(page.locator("#to")).to_be_visible()
