"""The vendor's SDK alone, in a page of another origin than the mock: each call is preflighted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.clients.browser import PATIENCE_MS
from support.clients.kits import Complaints, bundled, web_server

KIT = "7.2.1"  # its folder has the SDK, too
LOG_IN = """async ([host, uid]) => {
  const settings = new CometChat.AppSettingsBuilder().setRegion("us")
    .autoEstablishSocketConnection(false).overrideAdminHost(host).overrideClientHost(host).build();
  await CometChat.init("any-app-id", settings);
  return (await CometChat.login(uid, "auth-only")).getUid();
}"""
LIST = """async () => {
  const request = new CometChat.ConversationsRequestBuilder().setLimit(50).build();
  const found = [];
  for (let page = await request.fetchNext(); page.length; page = await request.fetchNext()) {
    found.push(...page.map((each) => each.getConversationId()));
  }
  return found;
}"""
SEND = """async ([uid, text]) => {
  const message = await CometChat.sendMessage(new CometChat.TextMessage(uid, text, "user"));
  return [message.getSender().getName(), message.getReceiver().getName(), message.getText()];
}"""
READ = """async (uid) => {
  await CometChat.markConversationAsRead(uid, "user");
  return (await CometChat.getConversation(uid, "user")).getUnreadMessageCount();
}"""
REFUSED = """async () => {
  try {
    return await CometChat.getConversation("no-such-group", "group");
  } catch (problem) {
    return problem.code;
  }
}"""
LOG_OUT = """async () => {
  await CometChat.logout();
  return await CometChat.getLoggedinUser();
}"""


@pytest.fixture(scope="module")
def site(kit_folder: Callable[[str], Path]) -> Iterator[str]:
    """Serve a page with the SDK and nothing else."""
    with web_server(bundled(kit_folder(KIT), "sdk.js", kit=KIT)) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str, api: Any) -> Iterator[Any]:
    """Open the page; what it complains about fails the test."""
    api.reset()
    complaints = Complaints(site, f"https://{api.host.partition('/')[0]}/")
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints.listen(page)
    page.goto(f"{site}index.html")
    page.wait_for_function("() => Boolean(window.CometChat)")
    yield page
    context.close()
    # Chromium notes each answer from 400 up as an error.
    assert [each for each in complaints.found if "Failed to load resource" not in each] == []


def test_log_in_list_send_read_and_log_out_from_another_origin(page, api):
    with page.expect_response("**/user_sessions"):  # once logged out it is refused
        assert page.evaluate(LOG_IN, [api.host, "ana"]) == "ana"
    rows = page.evaluate(LIST)
    assert len(rows) > 70
    assert len(set(rows)) == len(rows)
    assert page.evaluate(SEND, ["nearly", "From a page"]) == ["Ana Lima", "Nearly", "From a page"]
    assert api.newest("nearly", "ana")["data"]["text"] == "From a page"
    assert page.evaluate(READ, "nearly") == 0
    assert page.evaluate(REFUSED) == "ERR_GUID_NOT_FOUND"
    assert page.evaluate(LOG_OUT) is None
