"""The page of a run: read in light and dark, wide and narrow, printed, and with its one button."""

from __future__ import annotations

import pytest

from support.clients.browser import violations

pytestmark = pytest.mark.starts_browser

ATTACK = "'\"><script>window.taken = 1</script><img src=x onerror='window.taken = 2'>"


@pytest.fixture
def full(document):
    """Return a document that fills every part of the page."""
    clauses = document["clauses"]
    deviation = {"reason": "Known.", "evidence": "E1", "expires": "2099-12-31"}
    phase = {"requests": 9, "by_status": {"200": 9}, "ok_share": 0.5, "cut_short": True}
    return {
        **document,
        "interrupted": True,
        "insecure": True,
        "clauses": [{**each, "source": "Conversation properties; readings C2"} for each in clauses],
        "deviations": [{**deviation, "clause": "errors.accepted", "fate": "accepted"}],
        "phases": {"fuzzing": {**phase, "operations_without_2xx": ["getConversation"]}},
        "operations": {
            name: {"requests": 7, "by_status": {"200": 3, "302": 1, "404": 1, "503": 2}}
            for name in ("getConversation", "markGroupConversationAsDelivered")
        },
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_report_breaks_no_rule(full, open_report, shots, scheme, width):
    """Contrast, names, structure; the page itself is never scrolled sideways."""
    page = open_report(full, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.screenshot(path=shots / f"report-{width}-{scheme}.png", full_page=True)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".sentence").inner_text().startswith("Interrupted after 6 clauses")


def test_a_call_is_copied(full, open_report, expect):
    page = open_report(full, permissions=["clipboard-read", "clipboard-write"])
    page.clock.install(time=0)
    page.clock.pause_at(1)  # what the button says goes after 1.5 s, which a loaded machine misses
    page.get_by_role("button", name="Copy").first.click()

    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".call code").first.text_content()
    assert copied.startswith("curl -X GET")
    page.clock.run_for(1500)
    expect(page.get_by_role("button", name="Copied")).to_have_count(0)


def test_what_a_target_said_is_not_run(full, open_report):
    broken = next(each for each in full["clauses"] if each["verdict"] == "broken")
    broken["findings"][0] |= {"title": ATTACK, "actual": ATTACK, "calls": [ATTACK]}
    page = open_report({**full, "target": ATTACK, "left_behind": [ATTACK]})

    assert page.evaluate("window.taken") is None
    assert page.locator("img").count() == 0
    assert ATTACK in page.locator("dd code").nth(1).inner_text()


def test_paper_shows_the_readings_and_no_button(full, open_report, shots):
    page = open_report(full)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    pdf = page.pdf(path=shots / "report.pdf")

    assert pdf.startswith(b"%PDF")
    assert page.locator("details p").first.is_visible()
    assert not page.locator("button.copy").first.is_visible()
