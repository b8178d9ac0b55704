"""What the use cases take and return: one request, and the outcomes of the operations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.limits import PER_PAGE
from duologue.mockserver.domain.model import Blocks, Copy, Group, Message, Page, Shown, User


class Call(NamedTuple):
    """One request to one operation, already validated against the document."""

    operation_id: str
    caller: str | None
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]
    token: str | None = None  # the session's, where one names the caller
    usual_page: int = PER_PAGE  # conversations on a page that says no perPage
    reached_at: str = ""  # host, port and world by which a session's request came


class ShownConversation(NamedTuple):
    """One conversation, and which properties of it to show."""

    copy: Copy
    shown: Shown


class ConversationPage(NamedTuple):
    """A page of conversations, and which properties of each to show."""

    page: Page[Copy]
    shown: Shown
    depends_on_tags: bool = True


class Done(NamedTuple):
    """A change of a copy was made."""

    text: str


class MarkedUnread(NamedTuple):
    """A copy was marked as unread, and is as the mark has left it."""

    text: str
    copy: Copy


class ViewedMessage(NamedTuple):
    """A message and the uid of the user it is shown to."""

    message: Message
    viewer: str | None
    has_mention_tags: bool = False  # whether the mentioned users are shown with their tags
    mention_blocks: Blocks | None = None  # those of the viewer, to be shown of mentioned users


class MessagePage(NamedTuple):
    """A page of messages, which goes on by its first or last one."""

    page: Page[ViewedMessage]
    is_backwards: bool


class ViewedUser(NamedTuple):
    """A user, the user who reads it, and which of the two has blocked the other."""

    user: User
    viewer: str | None
    blocks: Blocks | None = None


class BlockResults(NamedTuple):
    """For each uid, whether it is done, and what was done."""

    results: dict[str, tuple[bool, str]]


class JoinResults(NamedTuple):
    """The outcome for each scope and uid: a refusal, None, or the message that tells of it.

    None means that the user joined and the conversation has no message about it.
    """

    results: dict[str, dict[str, Refusal | Message | None]]


class ViewedGroup(NamedTuple):
    """A group, who looks at it, and what the viewer is in it; `members` where some were added.

    `is_for_session` has them shown as the vendor's SDK reads them (E184).
    """

    group: Group
    viewer: str | None
    scope: str | None = None
    joined_at: int | None = None
    members: JoinResults | None = None
    is_for_session: bool = False


class JoinedGroup(NamedTuple):
    """A group that the user has joined on the user's own account."""

    group: ViewedGroup
    user: User
    at: int


class LoggedInUser(NamedTuple):
    """The user of a session, the session's token, and the settings that a client goes by."""

    user: User
    token: str
    settings: Mapping[str, Any] = MappingProxyType({})


class PlainData(NamedTuple):
    """Content that is shown as it is, and headers beside it."""

    data: Any
    headers: Mapping[str, str] = MappingProxyType({})


class Deletion(NamedTuple):
    """A user, group or membership was removed."""

    text: str


class Deactivation(NamedTuple):
    """A user was deactivated."""

    uid: str
