"""What somebody does while the page waits is neither overwritten, nor moved, nor done twice."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest

from duologue.fixtures.builder import world
from support.clients.browser import control

pytestmark = pytest.mark.starts_browser
VIEWS = re.compile(r"/_mock/(\?.*)?$")


@pytest.fixture
def trio():
    """Ana, who has two unread messages of Bo and thirty of Cy."""
    people = world().user("ana").user("bo").user("cy")
    return people.dm("ana", "bo", read=1, unread=2).dm("ana", "cy", read=30).build()


@contextmanager
def held_back(page, part, *, what=r"/_mock/\?.*"):
    """Answer requests for views (or `what`) whose address has this part at the end of the block."""
    held = []
    pattern = re.compile(rf"{what}{part}")
    page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108  it gets an attribute
    yield
    while held:
        held.pop().continue_()
    page.unroute(pattern)


def test_what_is_written_and_focused_while_a_view_is_awaited_stays(expect, serve, open_page, trio):
    mock = serve(trio)
    page = open_page(f"{mock.control}/?as=ana&open=users/cy")
    requests, users = page.locator("#search-find"), page.locator("#search-users")
    page.locator("#thread-scroll").evaluate("part => { part.scrollTop = 40; }")
    with held_back(page, "find=b"):
        with page.expect_request(re.compile("find=b")):
            requests.press_sequentially("b ")
        requests.press_sequentially("x")
        users.focus()

    expect(page).to_have_url(re.compile("find=b.x"))
    expect(requests).to_have_value("b x")
    expect(users).to_be_focused()
    assert page.locator("#thread-scroll").evaluate("part => part.scrollTop") == 40


def test_a_message_that_is_under_way_is_not_sent_again_from_another_view(
    expect, serve, open_page, trio
):
    mock = serve(trio)
    control(mock, "PUT", "/latency", {"operations": {"sendMessage": {"ms": 60_000}}})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    composer = page.get_by_label("Message", exact=True)
    composer.fill("Once")
    composer.press("Enter")
    page.locator("#chat-users\\/cy").click()
    expect(page.locator("#thread-title")).to_contain_text("Cy")
    page.locator("#chat-users\\/bo").click()
    expect(page.locator("#send")).to_have_attribute("aria-busy", "true")
    composer.press("Enter")
    composer.press("End")
    composer.press_sequentially("Then")
    control(mock, "PUT", "/latency", {"default": None})

    expect(composer).to_have_value("Then")
    expect(page.locator("#send")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".message .text").get_by_text("Once")).to_have_count(1)


def test_who_went_elsewhere_is_not_led_to_the_conversation_that_begins(
    expect, serve, open_page, trio
):
    mock = serve(trio)
    control(mock, "PUT", "/latency", {"operations": {"sendMessage": {"ms": 60_000}}})
    page = open_page(f"{mock.control}/?as=bo")
    page.get_by_label("uid or guid").fill("cy")
    page.get_by_label("Message", exact=True).fill("Hello Cy")
    page.get_by_role("button", name="Send").click()
    page.locator("#chat-users\\/ana").click()
    expect(page.locator("#thread-title")).to_contain_text("Ana")
    control(mock, "PUT", "/latency", {"default": None})
    expect(page.locator("#chat-users\\/cy")).to_be_visible()
    expect(page.locator("#said")).to_have_class("fine")

    expect(page).to_have_url(re.compile("open=users/ana"))


def test_an_update_takes_neither_a_press_nor_a_selection(expect, serve, open_page, trio):
    """Parts that have not changed are the same as before, whatever changes around them."""
    mock = serve(trio)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("[id^=unread-]").first.hover()
    page.mouse.down()
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "Meanwhile"})
    expect(page.locator(".message").last).to_contain_text("Meanwhile")
    page.mouse.up()
    expect(page.locator("#said")).to_contain_text("DELETE /v3/users/bo/conversation/read")

    page.locator(".message .text").first.select_text()
    selected = page.evaluate("String(getSelection())")
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "And again"})
    expect(page.locator(".message").last).to_contain_text("And again")

    assert selected
    assert page.evaluate("String(getSelection())") == selected


def test_while_the_mock_is_away_the_page_stays_and_comes_to_the_view_asked_for(
    expect, serve, open_page, trio
):
    page = open_page(f"{serve(trio).control}/?as=ana")
    page.locator("#chat-users\\/bo").click()
    expect(page.locator("#thread-title")).to_contain_text("Bo")
    page.route(VIEWS, lambda route: route.abort())
    page.locator("#chat-users\\/cy").click()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#thread-title")).to_contain_text("Bo")
    page.evaluate("history.back()")
    page.wait_for_url(re.compile("as=ana$"))
    page.unroute(VIEWS)

    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#to")).to_be_visible()


def test_a_page_whose_world_is_another_one_shows_nothing_of_the_old_one(
    expect, serve, open_page, trio
):
    mock = serve(trio)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    control(mock, "PUT", "/world", {"users": ["zoe"]})

    expect(page.locator("#chats-list")).to_contain_text("There is no user ana.")
    expect(page.locator("#thread")).to_contain_text("Choose a user")
    expect(page.locator("#send-text")).to_have_count(0)


def test_a_view_that_takes_long_is_told_to_be_on_its_way(expect, serve, open_page, trio):
    page = open_page(f"{serve(trio).control}/?as=ana")
    with held_back(page, "users/bo"):
        page.locator("#chat-users\\/bo").click()
        expect(page.locator("#pulse")).to_have_text("Loading")

    expect(page.locator("#thread-title")).to_contain_text("Bo")
    expect(page.locator("#pulse")).to_have_text("Live")


def test_what_is_pressed_before_the_scripts_have_come_is_done_then(expect, serve, open_page, trio):
    mock = serve(trio)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    with held_back(page, r"inspector\.js", what="/"):
        page.reload(wait_until="commit")
        page.get_by_role("button", name="Mark read").click()
        page.locator("#search-users").fill("c")
    expect(page.locator(".chat .badge")).to_have_count(0)
    expect(page).to_have_url(re.compile("/_mock/.*users=c"))

    with held_back(page, r"inspector\.js", what="/"):
        page.reload(wait_until="commit")
        page.locator("#faults-menu summary").click()
    expect(page.locator("#faults-list li").first).to_be_visible()


def test_a_token_entered_before_the_scripts_have_come_is_in_no_address(
    expect, serve, open_page, trio
):
    mock = serve(trio, host="0.0.0.0", control_token="s3cret")
    page = open_page(mock.control + "/")
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    with held_back(page, r"unlock\.js", what="/"):
        page.reload(wait_until="commit")
        page.get_by_label("Control token").fill("s3cret")
        page.get_by_label("Control token").press("Enter")

    expect(page.locator("#chats")).to_be_visible()
    assert not [address for address in addresses if "s3cret" in address]


def test_what_was_asked_for_before_a_pause_changes_nothing_after_it(expect, serve, open_page, trio):
    mock = serve(trio)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")

    def is_update(asked):
        return asked.resource_type == "fetch" and VIEWS.search(asked.url)

    def answers_update(answer):
        return is_update(answer.request)

    with page.expect_response(answers_update):  # the one once its stream is open: nothing is new
        page.reload()
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    with page.expect_response(answers_update), held_back(page, "open"):
        with page.expect_request(is_update):
            page.request.post(f"{mock.url}/users/bo/conversation/read", headers=headers)
        page.locator("#pause").click()
    page.wait_for_timeout(200)  # what the page does with the answer

    expect(page.locator(".chat .badge").first).to_have_text("2 unread")
    page.locator("#pause").click()
    expect(page.locator(".chat .badge")).to_have_count(0)
