"""A user's conversations as a chat app's sidebar, read from the API's own answer.

Faults and dialects reach the page this way, so no property is trusted to be as documented.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from duologue.mockserver.inspector.preview_client import Preview, PreviewClient
from duologue.mockserver.inspector.views.avatars import Avatar, Moment, avatar_of, moment
from duologue.mockserver.inspector.views.message_text import (
    entity_name,
    kind_of,
    of_group_action,
    with_names,
)

PER_PAGE = 50
_PREVIEW_LENGTH = 160  # characters; more than two lines can show
_DELETED = "No last message to show"


class SidebarRow(NamedTuple):
    """One conversation in the sidebar."""

    kind: str
    avatar: Avatar
    preview: str
    has_message: bool
    at: Moment | None
    unread: str
    tags: tuple[str, ...]

    @property
    def place(self) -> str:
        """Return how the page's URL and the API's paths name the conversation."""
        return f"{self.kind}s/{self.avatar.id}"


class Sidebar(NamedTuple):
    """A page of rows, or the problem if there is none."""

    rows: tuple[SidebarRow, ...]
    total: int
    number: int
    pages: int
    problem: str


def sidebar(preview_client: PreviewClient, caller: str, *, search: str, number: int) -> Sidebar:
    """Return what the list of conversations answers to `caller`."""
    query: dict[str, Any] = {"perPage": PER_PAGE, "page": number, "withTags": True}
    if search:
        query["searchKey"] = search
    answer = preview_client.ask("listConversations", caller=caller, query=query)
    listed = answer.data if isinstance(answer.data, list) else []
    rows = [row(each, caller, preview_client.now) for each in listed]
    total = _total(answer, default=len(rows))
    pages = max(1, -(-total // PER_PAGE))
    if number > pages and not answer.problem and total > 0:
        return sidebar(preview_client, caller, search=search, number=pages)
    return Sidebar(tuple(rows), total, number, pages, answer.problem)


def row(shown: Any, caller: str, now: int) -> SidebarRow:
    """Return the row of one conversation."""
    conversation = shown if isinstance(shown, dict) else {}
    peer = _object(conversation, "conversationWith")
    kind = "group" if conversation.get("conversationType") == "group" or "guid" in peer else "user"
    id_ = peer.get("guid" if kind == "group" else "uid", conversation.get("conversationId", "?"))
    last = _object(conversation, "lastMessage")
    at = moment(last.get("sentAt", conversation.get("updatedAt")), now)
    tags = conversation.get("tags")
    return SidebarRow(
        kind=kind,
        avatar=avatar_of(id_, peer.get("name"), peer.get("icon" if kind == "group" else "avatar")),
        preview=preview(last, caller, kind=kind) if last else _DELETED,
        has_message=bool(last),
        at=at,
        unread=unread_of(conversation.get("unreadMessageCount", 0)),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
    )


def preview(message: dict[str, Any], caller: str, *, kind: str) -> str:
    """Return the beginning of a message, with its sender where that is not obvious."""
    is_action = message.get("type") == "groupMember"
    action = of_group_action(_object(message, "data")) if is_action else ""
    if action:
        return action
    text = " ".join(text_of(message).split())[:_PREVIEW_LENGTH]
    sender = message.get("sender")
    uid = sender.get("uid") if isinstance(sender, dict) else sender
    if uid == caller:
        return f"You: {text}"
    return f"{_sender_name(message) or uid}: {text}" if kind == "group" else text


def _sender_name(message: dict[str, Any]) -> str:
    """Return the name of the sender as the message's entities tell it; empty if they do not."""
    return entity_name(_object(message, "data"), "sender")


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message or of its notice; the kind of a message without text."""
    content = _object(message, "data")
    if "action" in content:
        return f"({content['action']})"
    text = content.get("text", message.get("text", ""))
    if text == "":
        return kind_of(message.get("type"), content)
    return with_names(text, _names(content)) if isinstance(text, str) else str(text)


def _names(content: dict[str, Any]) -> dict[str, str]:
    """Return the names of the mentioned users by uid."""
    mentions = _object(content, "mentions")
    found = {uid: _object(mentions, uid).get("name") for uid in mentions}
    return {uid: name for uid, name in found.items() if isinstance(name, str)}


def unread_of(count: Any) -> str:
    """Return the badge of a count, a number or a string of digits; empty for 0."""
    text = str(count)
    return "" if text in {"0", ""} else text


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _total(answer: Preview, *, default: int) -> int:
    pagination = _object(_object(answer.body, "meta"), "pagination")
    total = pagination.get("total", default)
    return total if isinstance(total, int) else default
