"""A page of a UI kit as its user sees it: what stands where, and what one clicks."""

from __future__ import annotations

import re
from contextlib import contextmanager

# How each kit writes down what a user sees.
ROW = {"6.5.6": ".cometchat-list-item", "7.2.1": ".cometchat-conversations__item"}
RECEIPT = {"6.5.6": ".cometchat-receipts-{}", "7.2.1": "[class*=receipt][class*={}]"}
BUBBLE = ".cometchat-message-bubble"
TRIES, TRY_MS = 6, 5000  # for a menu, which closes when its bubble is drawn anew
SCROLLS, SCROLL_MS = 3, 20_000  # see scroll_to_older
LISTS, LIST_MS = 3, 20_000  # see await_row
OLDER = re.compile(r"/messages\?.*affix=prepend")
MIDDLE, SWIPE = (900, 700), 20_000  # pixels: a place in the open conversation, more than its height
DELETED = "This message was deleted"


class HeldSocket:
    """The socket of a page, where what the mock sends can be held for a while.

    A kit loses a receipt that comes before it has worked on the answer to the message: on a slow
    machine a page may be that late. So what one page sends is held before the other page until the
    first one shows it as sent.

    Let pass what the kit need not wait for: where a receipt comes right after a message, kit 7 puts
    the conversation as it was before the message back into its list.
    """

    def __init__(self):
        self._held, self._passing = [], None

    def listen(self, page):
        """Stand between a page, which has not been loaded yet, and its socket."""
        page.route_web_socket(re.compile("^wss?:"), self._connect)

    @contextmanager
    def held(self, *passing):
        """Hold what is sent to the page until the block ends, but frames with one of these words.

        The answers to its pings pass.
        """
        self._passing = ("pong", *passing)
        yield
        self._passing = None
        for socket, frame in self._held:
            socket.send(frame)
        self._held.clear()

    def _connect(self, socket):
        socket.connect_to_server().on_message(lambda frame: self._pass_on(socket, frame))

    def _pass_on(self, socket, frame):
        if self._passing is None or any(f'"{word}"' in frame for word in self._passing):
            socket.send(frame)
        else:
            self._held.append((socket, frame))


def _repeated(action, *, tries, between):
    """Do what a kit may undo; after a timeout do `between` and try again, up to so many times."""
    for tries_left in reversed(range(tries)):
        try:
            action()
        except Exception as problem:
            if not tries_left or type(problem).__name__ != "TimeoutError":
                raise
            between()
        else:
            return


class Chat:
    """A page as its user sees it."""

    def __init__(self, page, kit):
        self.page, self.kit = page, kit

    def row(self, name):
        """Return the row of the sidebar with this name."""
        return self.page.locator(f"#sidebar {ROW[self.kit]}").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    def await_row(self, name):
        """Wait until the sidebar lists this name.

        Kit 7 asks for its list anew once the socket is connected. If it asks for the second page
        of the first list meanwhile, it drops the answer to the other and lists nothing: after a
        while a user loads the page again, as this does.
        """
        _repeated(
            lambda: self.row(name).wait_for(timeout=LIST_MS),
            tries=LISTS,
            between=self.page.reload,
        )

    def open(self, name):
        """Open the conversation with this name."""
        self.await_row(name)
        self.row(name).click()
        self.bubbles.last.wait_for()

    @property
    def bubbles(self):
        """The messages of the open conversation."""
        return self.page.locator(f"#chat {BUBBLE}")

    def scroll_to_older(self):
        """Scroll up from the newest message until the kit asks for older messages.

        A kit scrolls to the newest message a moment after it has drawn the list, and asks only
        when the upper end comes into view again: after a scroll in that moment a user scrolls once
        more, as this does.
        """

        def scroll_up():
            with self.page.expect_request(OLDER, timeout=SCROLL_MS):
                self.page.mouse.wheel(0, -SWIPE)

        self.page.mouse.move(*MIDDLE)
        _repeated(scroll_up, tries=SCROLLS, between=lambda: self.page.mouse.wheel(0, SWIPE))

    def send(self, text):
        """Type a text and send it."""
        self.page.locator("#chat [contenteditable]").first.click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def edit(self, text, more):
        """Choose the message with this text to be edited, add something to it and send it."""
        self._choose(text, "edit")
        composer = self.page.locator("#chat [contenteditable]").first
        composer.get_by_text(text).wait_for()
        composer.press("End")
        self.page.keyboard.type(more)
        self.page.keyboard.press("Enter")

    def delete(self, text):
        """Delete the message with this text by its menu."""
        self._choose(text, "delete")
        if self.kit != "6.5.6":
            self.page.locator("button:visible", has_text="Delete").last.click()

    def _choose(self, text, option):
        """Choose an option of a message's menu; again if the bubble was drawn anew meanwhile."""
        _repeated(
            lambda: self._click_option(text, option),
            tries=TRIES,
            between=lambda: self.page.mouse.move(0, 0),
        )

    def _click_option(self, text, option):
        chat = self.page.locator("#chat")
        chat.get_by_text(text).last.hover(timeout=TRY_MS)
        if self.kit == "6.5.6":
            chat.locator(".cometchat-menu-list__sub-menu-icon").last.click(timeout=TRY_MS)
            title = f".cometchat-menu-list__sub-menu-item-title-{option}:visible"
            self.page.locator(title).click(timeout=TRY_MS)
        else:
            chat.locator(".cometchat-context-menu__trigger").last.click(timeout=TRY_MS)
            name = option.capitalize()
            self.page.get_by_text(name, exact=True).last.click(timeout=TRY_MS)
