"""Small parts of the pages that were wrong once."""

from __future__ import annotations

import re

import pytest

from duologue.fixtures.builder import world
from support.clients.browser import control, violations

pytestmark = pytest.mark.starts_browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def pair():
    """Ana and Bo, with two messages that Ana has not read."""
    return world().user("ana").user("bo").dm("ana", "bo", read=1, unread=2).build()


def test_a_time_of_another_year_shows_its_year(expect, serve, open_page, pair):
    mock = serve(pair)
    control(mock, "PUT", "/clock", {"mode": "frozen", "now": 1_800_000_000})
    page = open_page(f"{mock.control}/?as=ana")

    expect(page.locator(".chat time")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_and_methods_of_the_documents_are_legible(expect, mock, open_page, scheme):
    page = open_page(f"{mock.control}/docs", color_scheme=scheme)
    page.locator("#swagger[data-drawn]").wait_for()
    expect(page.locator("#operations-Conversations-listConversations")).to_be_visible()

    for part in (".info .title", ".opblock-summary-method >> nth=0"):
        assert page.locator(part).first.is_visible()
    found = [each for each in violations(page, ".info .title") if "color-contrast" in str(each)]
    assert found == []
    ground = page.locator(".info .title small pre").first.evaluate(
        "pre => getComputedStyle(pre).backgroundColor"
    )
    assert ground == "rgba(0, 0, 0, 0)"


def test_under_a_fault_the_page_tells_answers_from_what_is_stored(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana")
    expect(page.locator("#as-answered")).to_have_count(0)
    control(mock, "POST", "/faults", {"faults": ["count-stops-at-1"]})
    expect(page.locator("#as-answered")).to_contain_text("what the API answers")
    expect(page.locator(".chat .badge")).to_contain_text("1")
    expect(page.locator("#user-ana .badge")).to_contain_text("2")

    control(mock, "DELETE", "/faults")

    expect(page.locator("#as-answered")).to_have_count(0)


def test_a_page_beyond_the_last_is_the_last_everywhere(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&users_page=9&chats_page=9&log_page=9")

    expect(page.locator(".users .row")).to_have_count(2)
    expect(page.locator(".chat")).to_have_count(1)
    expect(page.locator(".pages")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_badge_of_the_chosen_row_stands_out(expect, serve, open_page, pair, scheme):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo", color_scheme=scheme)
    expect(page.locator("#user-ana .badge")).to_contain_text("2")

    grounds = page.locator(".row[aria-current] .badge").evaluate_all(
        "all => all.map((one) => [one, one.closest('.row')]"
        ".map((each) => getComputedStyle(each).backgroundColor))"
    )
    assert len(grounds) == 2
    assert all(badge != row for badge, row in grounds)
    assert violations(page, ".row[aria-current]") == []


def test_the_name_of_a_snapshot_is_checked_where_it_is_typed(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana", **PHONE)
    page.locator("#snapshots-menu summary").click()
    field = page.get_by_label("Keep the world as it is now")
    for name, fits in (("a b", False), (".hidden", False), ("a/b", False), ("v1.2-before_x", True)):
        field.fill(name)
        assert field.evaluate("field => field.checkValidity()") is fits
    field.fill("n" * 64)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#snapshots-list li")).to_have_count(1)

    sheet = page.locator("#snapshots-menu .sheet")
    assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    assert page.locator("#world-put").evaluate(
        "field => field.getBoundingClientRect().right"
        " <= field.closest('.sheet').getBoundingClientRect().right"
    )


def test_an_address_that_is_none_has_a_page_that_leads_back(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/nonsense")
    expect(page.get_by_role("heading", name="No page here")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="To the inspector").click()

    expect(page.locator(".chat")).to_have_count(1)


def test_pictures_in_the_data_are_shown_and_ask_no_host(expect, serve, open_page, pair):
    mock = serve(pair)
    page = open_page(f"{mock.control}/?as=ana&open=users/bo")

    expect(page.locator(".chat img.avatar")).to_have_count(1)
    page.wait_for_function(
        "[...document.querySelectorAll('img.avatar')].every((one) => one.naturalWidth)"
    )
