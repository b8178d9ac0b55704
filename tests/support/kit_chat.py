"""A page of a UI kit as its user sees it: what stands where, and what one clicks."""

from __future__ import annotations

# How each kit writes down what a user sees.
ROW = {"6.5.6": ".cometchat-list-item", "7.2.1": ".cometchat-conversations__item"}
RECEIPT = {"6.5.6": ".cometchat-receipts-{}", "7.2.1": "[class*=receipt][class*={}]"}
BUBBLE = ".cometchat-message-bubble"
DELETED = "This message was deleted"


class Chat:
    """A page as its user sees it."""

    def __init__(self, page, kit):
        self.page, self.kit = page, kit

    def row(self, name):
        """Return the row of the sidebar with this name."""
        return self.page.locator(f"#sidebar {ROW[self.kit]}").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    def open(self, name):
        """Open the conversation with this name."""
        self.row(name).click()
        self.bubbles.last.wait_for()

    @property
    def bubbles(self):
        """The messages of the open conversation."""
        return self.page.locator(f"#chat {BUBBLE}")

    def send(self, text):
        """Type a text and send it."""
        self.page.locator("#chat [contenteditable]").first.click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def edit(self, text, more):
        """Choose the message with this text to be edited, add something to it and send it."""
        self.page.locator("#chat").get_by_text(text).last.hover()
        if self.kit == "6.5.6":
            self.page.locator("#chat .cometchat-menu-list__sub-menu-icon").last.click()
            self.page.locator(".cometchat-menu-list__sub-menu-item-title-edit:visible").click()
        else:
            self.page.locator("#chat .cometchat-context-menu__trigger").last.click()
            self.page.get_by_text("Edit", exact=True).last.click()
        composer = self.page.locator("#chat [contenteditable]").first
        composer.get_by_text(text).wait_for()
        composer.press("End")
        self.page.keyboard.type(more)
        self.page.keyboard.press("Enter")

    def delete(self, text):
        """Delete the message with this text by its menu."""
        self.page.locator("#chat").get_by_text(text).last.hover()
        if self.kit == "6.5.6":
            self.page.locator("#chat .cometchat-menu-list__sub-menu-icon").last.click()
            self.page.locator(".cometchat-menu-list__sub-menu-item-title-delete:visible").click()
        else:
            self.page.locator("#chat .cometchat-context-menu__trigger").last.click()
            self.page.get_by_text("Delete", exact=True).last.click()
            self.page.locator("button:visible", has_text="Delete").last.click()
