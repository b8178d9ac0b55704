"""The pages under axe-core's rules, WCAG 2.2 AA included, in all colour schemes and sizes."""

from __future__ import annotations

import pytest

from duologue.fixtures.worlds import make
from support.clients.browser import violations

pytestmark = pytest.mark.starts_browser

HEADERS = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
WINDOWS = {
    "wide": (1440, 860), "middle": (1100, 800), "tablet": (800, 900), "narrow": (390, 844)
}  # fmt: skip
MENUS = ["clock", "failures", "faults", "dialect", "delay", "snapshots", "tags"]


@pytest.fixture
def busy(serve, open_page):
    """A page with tags, badges, errors in the log and an open conversation."""

    def busy(**how):
        mock = serve(make("default", 42))
        page = open_page(f"{mock.control}/?as=ana&open=groups/hikers", **how)
        for path in ("conversations", "users/nobody/conversation", "users/bo/conversation"):
            page.request.get(f"{mock.url}/{path}", headers=HEADERS)
        page.locator(".log li").nth(2).wait_for(state="attached")
        return page

    return busy


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_the_inspector_breaks_no_rule(busy, shots, scheme, window):
    """Landmarks, names, contrast, focus: in light and dark, wide and narrow."""
    width, height = WINDOWS[window]
    page = busy(width=width, height=height, color_scheme=scheme)
    page.screenshot(path=shots / f"inspector-{window}-{scheme}.png", full_page=window == "narrow")

    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_menus_break_no_rule(busy, shots, scheme):
    """Hidden elements follow the same rules when open."""
    page = busy(color_scheme=scheme)
    for menu in MENUS:
        page.locator(f"#{menu}-menu summary").click()
        if menu == "faults":
            page.locator("#faults-list li").first.wait_for()
        page.screenshot(path=shots / f"menu-{menu}-{scheme}.png")
        assert violations(page, f"#{menu}-menu") == []
        page.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_why_page_breaks_no_rule(busy, shots, scheme):
    """The page that explains an answer."""
    page = busy(color_scheme=scheme)
    page.get_by_role("link", name="Why").first.click()
    page.locator("main.report").wait_for()
    page.screenshot(path=shots / f"why-{scheme}.png", full_page=True)

    assert violations(page) == []


def test_nothing_depends_on_colour(busy, shots):
    """Without colours the state is still shown by text."""
    page = busy(forced_colors="active")
    page.screenshot(path=shots / "inspector-forced-colors.png")

    assert (
        page.locator(".log li.bad .status").first.inner_text().startswith("\N{MULTIPLICATION SIGN}")
    )
    assert page.locator(".row[aria-current]").count() == 2
    assert page.locator(".chat .badge .unseen").first.inner_text().strip() == "unread"


def test_it_can_be_read_at_four_times_the_size(busy, shots):
    """At 400 % of 1280 pixels there is one column, and nothing to scroll sideways (WCAG 1.4.10)."""
    page = busy(width=320, height=256)
    page.screenshot(path=shots / "inspector-reflow.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
