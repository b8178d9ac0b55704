"""What a developer of an app does all day: break a call, have somebody write, search, undo."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world
from duologue.mockserver.app import inside
from support.clients.browser import control

pytestmark = pytest.mark.starts_browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def pair():
    """Ana and Bo, with two messages that Ana has not read."""
    return world().user("ana").user("bo").user("cy").dm("ana", "bo", read=1, unread=2).build()


def status_of(page, mock, path="/conversations"):
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    return page.request.get(mock.url + path, headers=headers).status


def said(page):
    return page.locator("#said")


def test_the_next_call_is_broken_once(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana")
    page.locator("#failures-menu summary").click()
    page.get_by_label("Which call").select_option("listConversations")
    page.get_by_role("button", name="Break it").click()
    expect(page.locator("#failures-state")).to_have_text("1 set")
    expect(page.locator("#failures-on")).to_contain_text("listConversations: 500, 1 of 1 left")

    statuses = [status_of(page, mock) for _ in range(2)]

    assert statuses == [500, 200]
    expect(page.locator("#failures-on")).to_contain_text("0 of 1 left")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#failures-state")).to_have_text("nothing")


def test_somebody_writes_later_and_the_page_shows_it(expect, serve, open_page, pair):
    """The clock stands, so that nothing here depends on the machine's speed."""
    mock = serve(pair)
    control(mock, "PUT", "/clock", {"mode": "frozen"})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.get_by_label("As", exact=True).select_option("bo")
    page.get_by_label("Message", exact=True).fill("Are you there?")
    page.get_by_label("When").select_option("in 2 s")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#waiting")).to_contain_text("Are you there?")
    expect(page.locator(".message").last).not_to_contain_text("Are you there?")

    control(mock, "POST", "/clock/advance", {"seconds": 2})

    expect(page.locator(".message").last).to_contain_text("Are you there?")
    expect(page.locator("#waiting li")).to_have_count(0)


def test_what_happens_elsewhere_comes_by_events(expect, serve, open_page, pair):
    """The page has one stream, and shows a message and a request without asking in vain."""
    mock = serve(pair)
    with_stream = open_page(f"{mock.control}/?as=ana&open=users/bo")
    with_stream.wait_for_load_state()
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "By the events"})

    expect(with_stream.locator(".message").last).to_contain_text("By the events")
    expect(with_stream.locator(".log li").first).to_contain_text("/v3/messages")


def test_newer_tags_are_never_replaced_by_older_ones(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("#tags-menu summary").click()
    page.get_by_label("Tags of this conversation").fill("mine")
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
    page.request.put(
        f"{mock.url}/users/bo/conversation", headers=headers, data={"tags": ["theirs"]}
    )
    page.get_by_role("button", name="Replace tags").click()

    expect(said(page)).to_contain_text("These tags have changed meanwhile")
    expect(page.get_by_label("Tags of this conversation")).to_have_value("theirs")
    expect(page.locator(".chat .tag")).to_have_text(["theirs"])


def test_tags_written_at_once_after_opening_the_menu_are_sent(expect, serve, open_page, pair):
    """The browser tells later that a menu was opened, and what was written in between stays."""
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.evaluate(
        """() => {
            document.querySelector("#tags-menu summary").click();
            document.querySelector("#tags-of-chat").value = "mine";
        }"""
    )
    page.get_by_role("button", name="Replace tags").click()

    expect(page.locator(".chat .tag")).to_have_text(["mine"])


def test_the_tags_menu_opened_again_shows_the_tags_and_not_what_was_left(
    expect, serve, open_page, pair
):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.locator("#tags-menu summary").click()
    page.get_by_label("Tags of this conversation").fill("left")
    page.locator("#tags-menu summary").click()
    page.locator("#tags-menu summary").press("Enter")

    expect(page.get_by_label("Tags of this conversation")).to_be_visible()
    expect(page.get_by_label("Tags of this conversation")).to_have_value("")


def test_what_is_written_while_a_message_is_sent_stays(expect, serve, open_page, pair):
    mock = serve(pair)
    control(mock, "PUT", "/latency", {"operations": {"sendMessage": {"ms": 60_000}}})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.get_by_label("Message", exact=True).fill("First")
    page.get_by_label("Message", exact=True).press("Enter")
    expect(page.locator("#send")).to_have_attribute("aria-busy", "true")
    page.get_by_label("Message", exact=True).fill("Second")
    control(mock, "PUT", "/latency", {"default": None})
    expect(page.locator(".message").last).to_contain_text("First")
    expect(page.locator("#send")).not_to_have_attribute("aria-busy", "true")

    expect(page.get_by_label("Message", exact=True)).to_have_value("Second")
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Second")


def test_a_reset_can_be_undone(expect, serve, open_page, pair):
    mock = serve(pair)
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "Worth keeping"})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    expect(page.locator("#undo")).to_be_hidden()
    page.get_by_role("button", name="Reset world").click()
    expect(page.locator(".thread")).not_to_contain_text("Worth keeping")
    page.get_by_role("button", name="Undo the reset").click()

    expect(page.locator(".message").last).to_contain_text("Worth keeping")
    expect(page.locator("#undo")).to_be_hidden()


def test_a_reset_of_a_kept_state_asks(expect, serve, open_page, pair, tmp_path):
    mock = serve(pair, state_url=f"sqlite:///{tmp_path}/s.db", is_kept=True)
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "Worth keeping"})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Reset world").click()

    expect(page.locator(".message").last).to_contain_text("Worth keeping")
    assert "keeps its state" in asked[0]


def test_a_slow_send_shows_it_and_does_not_double(expect, serve, open_page, pair):
    mock = serve(pair)
    control(mock, "PUT", "/latency", {"operations": {"sendMessage": {"ms": 60_000}}})
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    page.get_by_label("Message", exact=True).fill("Once")
    for _ in range(3):
        page.get_by_label("Message", exact=True).press("Enter")
    expect(page.locator("#send")).to_have_attribute("aria-busy", "true")
    control(mock, "PUT", "/latency", {"default": None})

    expect(page.locator(".message").last).to_contain_text("Once")
    expect(page.locator("#send")).not_to_have_attribute("aria-busy", "true")
    assert len(control(mock, "GET", "/journal?operation=sendMessage")) == 1


def test_a_draft_is_kept_for_its_conversation(expect, serve, open_page):
    mock = serve(world().dm("ana", "bo", read=1).dm("ana", "cy", read=1).build())
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    field = page.get_by_label("Message", exact=True)
    field.fill("Not yet")
    page.locator(".chat").filter(has_text="Cy").click()
    expect(page.locator("#thread-title")).to_contain_text("Cy")
    expect(field).to_have_value("")
    page.locator(".chat").filter(has_text="Bo").click()

    expect(field).to_have_value("Not yet")


def test_a_mock_that_is_gone_is_told_at_the_head(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana")
    expect(page.locator("#lost")).to_be_hidden()
    mock.stop()

    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("The mock does not answer")


def test_requests_are_found_and_copied_as_curl(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana", permissions=["clipboard-read", "clipboard-write"])
    for path in (
        "/conversations?perPage=0",
        "/users/nobody/conversation",
        "/users/bo/conversation",
    ):
        status_of(page, mock, path)
    expect(page.locator(".log li")).to_have_count(3)
    for find, count in (("4xx", 2), ("nobody 404", 1), ("perpage", 1), ("no-such", 0)):
        page.get_by_role("searchbox", name="Search requests").fill(find)
        expect(page.locator(".log li")).to_have_count(count)
    page.get_by_role("searchbox", name="Search requests").fill("perPage")
    expect(page.locator(".log .reason")).to_contain_text("perPage: 0 is less than the minimum of 1")
    page.get_by_role("button", name="curl").click()

    expect(said(page)).to_contain_text("Copied curl -X GET")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"'{mock.url}/conversations?perPage=0'" in copied
    assert "-H 'apikey: mock-api-key'" in copied
    assert "-H 'onBehalfOf: ana'" in copied

    headers = {"apikey": "mock-api-key", "Content-Type": "application/json", "X-Mock": "status=503"}
    page.request.put(f"{mock.url}/users/ünï ç/conversation", headers=headers, data=b'{"a": it\'s')
    page.get_by_role("searchbox", name="Search requests").fill("ünï")
    expect(page.locator(".log li")).to_contain_text("/v3/users/ünï ç/conversation")
    page.get_by_role("button", name="curl").click()

    expect(said(page)).to_contain_text("Copied curl -X PUT")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"'{mock.url}/users/%C3%BCn%C3%AF%20%C3%A7/conversation'" in copied
    assert "-H 'X-Mock: status=503'" in copied
    assert copied.endswith("""--data-binary '{"a": it'\\''s'""")


def test_what_was_ignored_is_told(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana")
    status_of(page, mock, "/conversations?colour=red")

    expect(page.locator(".log .ignored")).to_have_text("no effect: colour")


def test_on_a_phone_a_tap_opens_the_thread_and_leads_back(expect, serve, open_page, pair, shots):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana", **PHONE)
    expect(page.locator("#chats")).to_be_visible()
    expect(page.locator("#thread")).to_be_hidden()
    page.screenshot(path=shots / "phone-chats.png")
    page.locator(".chat").first.click()
    expect(page.locator("#thread")).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_be_in_viewport()
    page.screenshot(path=shots / "phone-thread.png")
    page.get_by_role("link", name="Back to the conversations").click()

    expect(page.locator("#chats")).to_be_visible()
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.locator("#requests")).to_be_visible()
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not too_wide


def test_the_page_works_below_a_prefix(expect, serve, open_page, pair):
    """That of a world beside the mock's own: links, calls, documents and why."""
    mock = serve(pair)
    server = mock.control.removesuffix("/_mock")
    page = open_page(f"{server}/_world/one/_mock/?as=ana&open=users/bo")
    page.get_by_label("Message", exact=True).fill("In another world")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message").last).to_contain_text("In another world")
    expect(page.locator("#base-url")).to_have_text(f"{server}/_world/one/v3")
    page.get_by_role("link", name="Why").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="API document").click()
    expect(page.locator("#swagger[data-drawn]")).to_be_visible()

    assert control(mock, "GET", "/journal") == []
    assert [one["name"] for one in control(mock, "GET", "/worlds")] == ["one"]


def test_the_address_to_copy_has_the_prefix_that_a_proxy_adds(expect, serve, open_page, pair):
    mock = serve(pair)
    server = mock.control.removesuffix("/_mock")
    page = open_page(mock.control + "/docs")
    page.route(
        f"{server}/tools/**",
        lambda route: route.fulfill(
            response=route.fetch(url=route.request.url.replace("/tools", ""))
        ),
    )
    page.route("**/events?*", lambda route: route.abort())
    page.goto(f"{server}/tools/_mock/")

    expect(page.locator("#base-url")).to_have_text(f"{server}/tools/v3")
    expect(page.locator("#log code")).to_have_text(f"{server}/tools/v3")


def test_a_stream_too_many_leaves_a_page_that_asks(expect, serve, open_page, pair):
    mock = serve(pair)
    inside(mock._app).controls.streams._most = 0
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")
    control(mock, "POST", "/send", {"from": "bo", "to": "ana", "text": "By asking"})

    expect(page.locator(".message").last).to_contain_text("By asking")
