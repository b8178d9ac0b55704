"""What the use cases take and return: one request, and the outcomes of the operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import Copy, Message, Page, Shown


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one operation, its shape already judged by the document."""

    operation_id: str
    caller: str | None
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]


class ShownConversation(NamedTuple):
    """One conversation, and what of it to show."""

    copy: Copy
    shown: Shown


class ConversationPage(NamedTuple):
    """A page of conversations, and what of each to show."""

    page: Page[Copy]
    shown: Shown


class Done(NamedTuple):
    """Something was done to a copy; `see` gives the copy as it is now."""

    text: str
    see: Callable[[], Copy]


class ViewedMessage(NamedTuple):
    """A message, and in whose eyes it is shown."""

    message: Message
    viewer: str | None


class JoinResults(NamedTuple):
    """For each scope asked for and each uid in it, why it did not work; None where it did.

    A message where it did and the conversation tells of it.
    """

    results: dict[str, dict[str, Refusal | Message | None]]


class Deletion(NamedTuple):
    """Something was taken out of the app."""

    text: str


class Deactivation(NamedTuple):
    """A user is found no more."""

    uid: str
