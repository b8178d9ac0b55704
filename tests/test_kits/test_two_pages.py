"""Two users on two pages of a UI kit, who see over the socket what the other one does."""

from __future__ import annotations

import time

import pytest

from support.clients.kit_chat import DELETED, RECEIPT, Chat, HeldSocket

CONNECTED_WITHIN_S = 60


def _await_connected(api, *uids):
    """Wait until these users, and no others, are logged in to the socket."""
    until = time.monotonic() + CONNECTED_WITHIN_S
    while api.connected() != sorted(uids):
        assert time.monotonic() < until, api.connected()
        time.sleep(0.05)


@pytest.fixture
def open_both(open_chat, kit, api):
    """Return a function that opens Ana's page, with her conversation with Nearly, and Nearly's."""

    def open_both(prepare_ana=None, prepare_nearly=None):
        ana = Chat(open_chat("ana", prepare=prepare_ana), kit)
        nearly = Chat(open_chat("nearly", prepare=prepare_nearly), kit)
        nearly.await_row("Ana Lima")
        ana.open("Nearly")
        _await_connected(api, "ana", "nearly")
        return ana, nearly

    return open_both


def _receipt(chat, kind):
    """Return the mark of this kind at the newest message."""
    return chat.bubbles.last.locator(RECEIPT[chat.kit].format(kind)).first


def test_what_one_does_is_seen_by_the_other(open_both, expect, shots, complaints):
    to_ana, to_nearly = HeldSocket(), HeldSocket()
    ana, nearly = open_both(to_ana.listen, to_nearly.listen)

    with to_nearly.held("typing_indicator", "receipts"):
        ana.send("Are you there?")
        expect(_receipt(ana, "sent")).to_be_visible()
    expect(nearly.row("Ana Lima")).to_contain_text("Are you there?")
    expect(_receipt(ana, "delivered")).to_be_visible()
    nearly.open("Ana Lima")
    expect(_receipt(ana, "read")).to_be_visible()
    with to_ana.held("started"):  # "ended" follows within seconds
        nearly.page.locator("#chat [contenteditable]").first.click()
        nearly.page.keyboard.type("Yes")
        expect(ana.row("Nearly")).to_contain_text("yping")
        ana.page.screenshot(path=shots / f"kit-{ana.kit}-typing.png")
        nearly.page.keyboard.press("Enter")
        expect(_receipt(nearly, "sent")).to_be_visible()
    expect(ana.bubbles.last).to_contain_text("Yes")
    expect(_receipt(nearly, "read")).to_be_visible()  # a bubble that changes closes its menu
    nearly.edit("Yes", ", I am")
    expect(ana.bubbles.last).to_contain_text("Yes, I am")
    nearly.delete("Yes, I am")
    expect(ana.bubbles.last).to_contain_text(DELETED)
    assert complaints.found == []


def test_a_socket_that_is_cut_comes_back(open_both, api, expect):
    ana, nearly = open_both()

    assert sorted(api.control("DELETE", "/socket")["cut"]) == ["ana", "nearly"]
    _await_connected(api, "ana", "nearly")
    nearly.open("Ana Lima")
    nearly.send("Here I am again")

    expect(ana.bubbles.last).to_contain_text("Here I am again")
