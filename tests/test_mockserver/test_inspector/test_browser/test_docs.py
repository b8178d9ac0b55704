"""The pages of the API documents, rendered offline."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.starts_browser


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("docs", "listConversations"),
        ("docs/stage", "sendMessage"),
        ("docs/control", "reset"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_document_is_drawn(expect, mock, open_page, shots, path, operation, scheme):  # noqa: PLR0917
    """Every document has a page without external resources."""
    page = open_page(f"{mock.control}/{path}", color_scheme=scheme)

    expect(page.locator(f"[id$='-{operation}']")).to_be_visible()
    page.screenshot(path=shots / f"{path.replace('/', '-')}-{scheme}.png")


def test_an_operation_is_tried_out_on_this_mock(expect, mock, open_page):
    """The mock's key and address are filled in."""
    page = open_page(f"{mock.control}/docs")
    page.locator("#operations-Conversations-listConversations").click()
    page.locator("tr[data-param-name=onBehalfOf] input").fill("ana")
    page.get_by_role("button", name="Execute").click()

    answer = page.locator(".live-responses-table")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text("user_bo")
