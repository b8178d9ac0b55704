"""What the use cases take and return: one request, and the outcomes of the operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import Copy, Message, Page, Shown


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one operation, already validated against the document."""

    operation_id: str
    caller: str | None
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]


class ShownConversation(NamedTuple):
    """One conversation, and which properties of it to show."""

    copy: Copy
    shown: Shown


class ConversationPage(NamedTuple):
    """A page of conversations, and which properties of each to show."""

    page: Page[Copy]
    shown: Shown


class Done(NamedTuple):
    """A change of a copy; `see` returns the copy as it is now."""

    text: str
    see: Callable[[], Copy]


class ViewedMessage(NamedTuple):
    """A message and the uid of the user it is shown to."""

    message: Message
    viewer: str | None


class JoinResults(NamedTuple):
    """The outcome for each scope and uid: a refusal, None, or the message that tells of it.

    None means that the user joined and the conversation has no message about it.
    """

    results: dict[str, dict[str, Refusal | Message | None]]


class Deletion(NamedTuple):
    """A user, group or membership was removed."""

    text: str


class Deactivation(NamedTuple):
    """A user was deactivated."""

    uid: str
