"""User journeys on the page, by clicks."""

from __future__ import annotations

import re

import pytest

from duologue.fixtures.builder import world
from duologue.fixtures.worlds import make

pytestmark = pytest.mark.starts_browser


def chat(page, name):
    """Return the row of a conversation in the sidebar."""
    return page.locator(".chat").filter(has=page.get_by_text(name, exact=True))


def badge(page, name):
    """Return the unread badge of a conversation."""
    return chat(page, name).locator(".badge")


def said(page):
    """Return the status line with the result of the last action."""
    return page.locator("#said")


def send(page, text, *, as_):
    """Send a message in the open conversation."""
    page.get_by_label("As", exact=True).select_option(as_)
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def test_the_sidebar_shows_what_a_chat_app_shows(expect, mock, open_page):
    """Users, the conversations of the first of them, badges, tags, last messages."""
    page = open_page(mock.control + "/")

    expect(page.get_by_role("heading", name=re.compile("Conversations of Ana"))).to_be_visible()
    expect(page.get_by_role("navigation", name="Users")).to_contain_text("bo")
    rows = page.locator(".chat")
    expect(rows).to_have_count(5)
    expect(badge(page, "Bo Chen")).to_be_visible()
    expect(page.locator(".chat .preview.none").first).to_be_visible()


def test_a_message_from_bo_increases_the_badge_of_ana(expect, serve, open_page):
    """A message appears in the other user's sidebar without a reload."""
    mock = serve(world().user("ana").user("bo").dm("ana", "bo", read=1, unread=2).build())
    page = open_page(f"{mock.control}/?as=ana")
    expect(badge(page, "Bo")).to_have_text("2 unread")

    chat(page, "Bo").click()
    send(page, "Are you there?", as_="bo")

    expect(said(page)).to_contain_text("POST /v3/messages as bo: 200")
    expect(badge(page, "Bo")).to_have_text("3 unread")
    expect(chat(page, "Bo")).to_contain_text("Are you there?")
    expect(page.locator(".message").last).to_contain_text("Are you there?")
    expect(page.locator(".message.unread")).to_have_count(3)


def test_marking_read_and_unread(expect, serve, open_page):
    """The badge disappears and returns."""
    mock = serve(world().dm("ana", "bo", read=1, unread=2).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")

    page.get_by_role("button", name="Mark read").click()
    expect(said(page)).to_contain_text("POST /v3/users/bo/conversation/read as ana: 200")
    expect(badge(page, "Bo")).to_have_count(0)
    expect(page.locator(".message.unread")).to_have_count(0)

    page.get_by_role("button", name="Mark unread").click()
    expect(badge(page, "Bo")).to_have_text("1 unread")


def test_unread_from_one_message_on(expect, serve, open_page):
    """Any message can be the last read one."""
    mock = serve(world().dm("ana", "bo", unread=3).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.get_by_role("button", name="Mark read").click()
    expect(badge(page, "Bo")).to_have_count(0)

    page.get_by_role("button", name="Unread after message 1").click()

    expect(badge(page, "Bo")).to_have_text("2 unread")


def test_a_deleted_last_message_is_hidden_in_the_sidebar(expect, serve, open_page):
    """The sender deletes; the sidebar shows no last message."""
    mock = serve(world().dm("ana", "bo", unread=1).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")

    page.get_by_role("button", name="Delete message 1").click()

    expect(said(page)).to_contain_text("DELETE /v3/messages/1 as bo: 200")
    expect(chat(page, "Bo").locator(".preview.none")).to_be_visible()


def test_tags_are_replaced(expect, serve, open_page):
    """One tag per line; refusals are shown with their code."""
    mock = serve(world().dm("ana", "bo", unread=1).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")

    page.locator("#tags-menu summary").click()
    page.locator("#tags-of-chat").fill("work\n<b>bold</b>")
    page.get_by_role("button", name="Replace tags").click()
    expect(chat(page, "Bo").locator(".tag")).to_have_text(["work", "<b>bold</b>"])
    expect(page.locator("#tags-of-chat")).to_be_hidden()

    page.locator("#tags-menu summary").click()
    page.locator("#tags-of-chat").fill("x" * 101)
    page.get_by_role("button", name="Replace tags").click()
    expect(said(page)).to_contain_text("400 ERR_BAD_REQUEST")
    expect(chat(page, "Bo").locator(".tag")).to_have_text(["work", "<b>bold</b>"])


def test_a_first_message_begins_a_conversation(expect, serve, open_page):
    """A user without conversations sends a message, and the conversation opens."""
    mock = serve(world().user("ana").user("bo").build())
    page = open_page(f"{mock.control}/?as=ana")
    expect(page.locator(".chats")).to_contain_text("No conversations yet")

    page.get_by_label("uid or guid").fill("bo")
    page.get_by_label("Message", exact=True).fill("Hello")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", name="Messages with Bo")).to_be_visible()
    expect(chat(page, "Bo")).to_contain_text("You: Hello")


def test_an_error_is_in_the_log_with_its_reason_and_its_why(expect, mock, open_page):
    """A client's request is listed; its error has code, reason, clause and a link."""
    page = open_page(mock.control + "/")
    page.request.get(
        f"{mock.url}/users/nobody/conversation",
        headers={"apikey": "mock-api-key", "onBehalfOf": "ana"},
    )

    line = page.locator(".log li").first
    expect(line).to_contain_text("404")
    expect(line).to_contain_text("/v3/users/nobody/conversation")
    expect(line).to_contain_text("ERR_UID_NOT_FOUND")
    expect(line).to_contain_text("errors.uid-not-found")

    line.get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", name=re.compile("Why request"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("ERR_UID_NOT_FOUND")


def test_the_log_can_show_errors_only(expect, mock, open_page):
    """The filter stays when new requests are listed."""
    page = open_page(mock.control + "/")
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    for path in ("conversations", "users/nobody/conversation", "users/bo/conversation"):
        page.request.get(f"{mock.url}/{path}", headers=headers)
    expect(page.locator(".log li")).to_have_count(3)

    page.get_by_role("link", name="Errors").click()
    expect(page.locator(".log li")).to_have_count(1)
    page.request.get(f"{mock.url}/groups/nowhere/conversation", headers=headers)
    expect(page.locator(".log li")).to_have_count(2)


def test_a_fault_is_switched_on_and_the_page_shows_it(expect, serve, open_page):
    """The log names the fault of an answer, and the sidebar shows what is answered."""
    mock = serve(world().dm("ana", "bo", read=1, unread=2).build())
    page = open_page(f"{mock.control}/?as=ana")
    page.locator("#faults-menu summary").click()
    page.get_by_label("Find a fault").fill("count-in-lists-is-0")
    page.get_by_role("button", name="Turn on count-in-lists-is-0", exact=True).click()

    expect(page.locator("#faults-state")).to_have_text("1 on")
    expect(badge(page, "Bo")).to_have_count(0)
    page.request.get(
        f"{mock.url}/conversations", headers={"apikey": "mock-api-key", "onBehalfOf": "ana"}
    )
    expect(page.locator(".log li").first).to_contain_text("with count-in-lists-is-0")

    page.get_by_role("button", name="All off").click()
    expect(page.locator("#faults-state")).to_have_text("none")
    expect(badge(page, "Bo")).to_have_text("2 unread")


def test_the_clock_is_frozen_and_advanced(expect, mock, open_page):
    """The clock is frozen, advanced and run again."""
    page = open_page(mock.control + "/")
    page.locator("#clock-menu summary").click()
    page.get_by_label("Stop at UNIX time").fill("1800000000")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#clock-state")).to_have_text("2027-01-15 08:00:00 UTC frozen")

    page.get_by_role("button", name="+1 hour").click()
    expect(page.locator("#clock-state")).to_have_text("2027-01-15 09:00:00 UTC frozen")

    page.get_by_role("button", name="Let it run").click()
    expect(page.locator("#clock-state")).to_have_text(re.compile(r"2027-01-15 09:\d\d:\d\d UTC$"))


def test_a_frozen_clock_dates_what_is_sent(expect, serve, open_page):
    """Timestamps follow the clock."""
    mock = serve(world().dm("ana", "bo", unread=1).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("#clock-menu summary").click()
    page.get_by_label("Stop at UNIX time").fill("1800000000")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#clock-state")).to_have_text("2027-01-15 08:00:00 UTC frozen")
    page.keyboard.press("Escape")

    send(page, "Late", as_="bo")

    expect(page.locator(".message time").last).to_have_attribute("datetime", "2027-01-15T08:00:00Z")


def test_the_dialect_is_changed(expect, serve, open_page):
    """The page understands the live dialect's answers."""
    mock = serve(world().dm("ana", "bo", unread=2).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("#dialect-menu summary").click()
    page.get_by_role("button", name="live", exact=True).click()

    expect(page.locator("#dialect-state")).to_have_text("live")
    expect(badge(page, "Bo")).to_have_text("2 unread")
    page.keyboard.press("Escape")
    page.locator("#answer summary").click()
    expect(page.locator("#answer pre")).to_contain_text('"unreadMessageCount": "2"')


def test_a_reset_restores_the_world(expect, serve, open_page):
    """One click restores the start."""
    mock = serve(world().dm("ana", "bo", unread=2).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    send(page, "Gone in a moment", as_="bo")
    expect(badge(page, "Bo")).to_have_text("3 unread")

    page.get_by_role("button", name="Reset world").click()

    expect(said(page)).to_contain_text("POST /_mock/reset: 200")
    expect(badge(page, "Bo")).to_have_text("2 unread")
    expect(page.locator(".thread")).not_to_contain_text("Gone in a moment")


def test_a_snapshot_is_kept_and_restored(expect, serve, open_page):
    """A snapshot is saved under a name and restored by a click."""
    mock = serve(world().dm("ana", "bo", unread=2).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("#snapshots-menu summary").click()
    page.get_by_label("Keep the world").fill("two-unread")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#snapshots-state")).to_have_text("1 snapshot")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Mark read").click()
    expect(badge(page, "Bo")).to_have_count(0)

    page.locator("#snapshots-menu summary").click()
    page.get_by_role("button", name="Restore two-unread").click()

    expect(badge(page, "Bo")).to_have_text("2 unread")


def test_a_world_is_downloaded_and_loaded(expect, serve, open_page, tmp_path):
    """The state can be downloaded, edited and loaded."""
    mock = serve(world().user("ana", "Ana").dm("ana", "bo", unread=2).build())
    page = open_page(f"{mock.control}/?as=ana")
    page.locator("#snapshots-menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this world").click()
    kept = tmp_path / "world.json"
    kept.write_text(download.value.path().read_text().replace("Ana", "Anastasia"))

    page.get_by_label("Put a world from a file").set_input_files(kept)
    expect(said(page)).to_contain_text("PUT /_mock/world: 200")
    expect(page.locator("#user-ana")).to_contain_text("Anastasia")

    kept.write_text('{"users": 7}')
    page.get_by_label("Put a world from a file").set_input_files(kept)
    expect(said(page)).to_contain_text("422")
    expect(page.locator("#user-ana")).to_contain_text("Anastasia")


def test_off_loopback_the_token_opens_the_page(expect, serve, open_page):
    """A wrong token is refused; the right one is kept in the tab for calls and other pages."""
    builder = world().dm("ana", "bo", unread=2).build()
    mock = serve(builder, host="0.0.0.0", control_token="s3cret")
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.get_by_label("Control token").fill("guessed")
    page.get_by_role("button", name="Enter").click()
    expect(page.locator("#said")).to_contain_text("not the token")

    page.get_by_label("Control token").fill("s3cret")
    page.get_by_role("button", name="Enter").click()
    expect(badge(page, "Bo")).to_have_text("2 unread")
    page.get_by_role("button", name="Mark read").click()
    expect(badge(page, "Bo")).to_have_count(0)
    page.get_by_role("button", name="Reset world").click()
    expect(badge(page, "Bo")).to_have_text("2 unread")

    page.get_by_role("link", name="Control document").click()
    expect(page.locator("[id$='-reset']").first).to_be_visible()


def test_updates_can_be_paused(expect, serve, open_page):
    """The page does not change until updates are resumed."""
    mock = serve(world().dm("ana", "bo", unread=2).build())
    page = open_page(f"{mock.control}/?as=ana")
    pause = page.get_by_role("button", name="Pause updates")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    page.request.post(f"{mock.url}/users/bo/conversation/read", headers=headers)
    page.wait_for_timeout(2_000)  # longer than it takes to look for changes
    expect(badge(page, "Bo")).to_have_text("2 unread")

    pause.click()

    expect(badge(page, "Bo")).to_have_count(0)


def test_names_of_a_hostile_world_are_text(expect, serve, open_page):
    """No text of a world becomes markup."""
    evil = '"><img src=x onerror="document.title=1"><script>document.title=1</script>'
    builder = world().user("ana", evil).user("bo", evil).message("bo", evil, to="ana")
    mock = serve(builder.tag("ana", "bo", evil[:90]).group("g", name=evil, members=["ana"]).build())

    page = open_page(f"{mock.control}/?as=ana&open=users/bo&users=%22%3E%3Cb%3E&show=mine")

    assert page.title() != "1"
    assert page.locator("#page img:not(.avatar), #page script").count() == 0
    expect(page.locator(".message .text")).to_have_text(evil)


def test_a_stopped_mock_is_reported(expect, serve, open_page):
    """The page reports that the mock has stopped."""
    mock = serve()
    page = open_page(mock.control + "/")
    expect(page.locator("#pulse")).to_have_text("Live")

    mock.stop()

    expect(page.locator("#pulse")).to_have_text("The mock does not answer")


@pytest.mark.parametrize("name", ["default", "inbox", "empty", "crowd"])
def test_every_world_makes_a_page(serve, open_page, name):
    """No world makes the page wider than its window."""
    mock = serve(make(name, 42))
    page = open_page(mock.control + "/", width=360, height=740)

    wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide <= 360
