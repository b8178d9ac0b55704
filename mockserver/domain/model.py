"""The resources of the API as immutable values.

Named tuples: one page of a list needs about a hundred, and a frozen data class takes four times as
long to create and five times as long to define.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

Kind = Literal["user", "group"]
T = TypeVar("T")


class User(NamedTuple):
    """A user of the app."""

    uid: str
    name: str
    created_at: int
    avatar: str | None = None
    link: str | None = None
    role: str = "default"
    status_message: str | None = None
    metadata: str | None = None  # JSON text, kept as it came
    tags: tuple[str, ...] = ()
    updated_at: int | None = None
    deactivated_at: int | None = None
    status: str = "offline"
    last_active_at: int | None = None


class Group(NamedTuple):
    """A group of the app."""

    guid: str
    name: str
    type: str
    created_at: int
    owner: str | None = None
    icon: str | None = None
    description: str | None = None
    metadata: str | None = None  # JSON text, kept as it came
    tags: tuple[str, ...] = ()
    updated_at: int | None = None
    members_count: int = 0
    password: str | None = None


class Member(NamedTuple):
    """The membership of one user in a group."""

    user: User
    scope: str
    joined_at: int


class Message(NamedTuple):
    """One message; `seq` is its place among those that moved its conversation, or None."""

    id: int
    conversation: int
    seq: int | None
    kind: Kind
    sender: str
    receiver: str
    text: str
    sent_at: int
    category: str = "message"
    type: str = "text"
    metadata: str | None = None  # JSON text, kept as it came
    updated_at: int | None = None
    deleted_at: int | None = None
    deleted_by: str | None = None
    delivered_at: int | None = None
    read_at: int | None = None
    edited_at: int | None = None
    edited_by: str | None = None
    parent_id: int | None = None
    muid: str | None = None
    tags: str = ""  # packed
    content: str | None = None  # JSON: what `data` holds beside text and metadata
    mentions: str | None = None  # packed uids
    # Sender and receiver, if the look-up has loaded them.
    sender_is: User | None = None
    receiver_is: User | Group | None = None
    subject: Message | None = None  # of a notice: the message that was edited or deleted
    mentioned_are: tuple[User, ...] = ()  # the users that the text mentions, if loaded
    reply_count: int = 0  # how many replies its thread has, if loaded

    @property
    def is_notice(self) -> bool:
        """Return whether it tells of an edit or a deletion of another message."""
        return self.category == "action" and self.type == "message"


class AuthToken(NamedTuple):
    """What stands for a user in the requests of a client."""

    text: str
    uid: str
    created_at: int


class Copy(NamedTuple):
    """One party's copy of a conversation.

    Up to `read_seq` the owner has read; `last_seq` is the place of the newest message. Up to
    `hidden_seq` the copy is hidden, since the owner deleted it then (-1: never deleted).
    """

    owner: str
    kind: Kind
    peer: str
    conversation: int
    unread_count: int
    read_seq: int
    last_seq: int
    hidden_seq: int
    created_at: int
    updated_at: int
    tags: tuple[str, ...]
    peer_is: User | Group
    scope: str | None = None  # the owner's place in the group
    joined_at: int | None = None
    delivered_seq: int = 0  # how far it is marked as delivered to the owner
    unread_mentions: int = 0
    last_read_id: int | None = None
    latest_id: int | None = None  # of the newest message, be it deleted
    last_message: Message | None = None


class LookupResult(NamedTuple):
    """What one look-up finds of a caller, a peer and the conversation between them.

    `copy` is there whenever the conversation is, with the values of a new copy if the caller has
    none: the rules decide who may see it.
    """

    caller: User | None
    peer: User | Group | None
    copy: Copy | None
    is_party: bool
    members_count: int = 0


class Filters(NamedTuple):
    """The filters of a list of conversations; None means that the request has none."""

    conversation_type: Kind | None = None
    unread: bool | None = None
    tags: tuple[str, ...] | None = None
    user_tags: tuple[str, ...] | None = None
    group_tags: tuple[str, ...] | None = None
    search_key: str | None = None
    hide_blocked: bool = False


class Blocks(NamedTuple):
    """Whom a user has blocked and who has blocked that user, each with the time."""

    by_me: Mapping[str, int]
    of_me: Mapping[str, int]


class Shown(NamedTuple):
    """Which properties of a conversation to show beside the plain ones."""

    tags: bool = False
    peer_tags: bool = False
    owner: bool = False
    blocks: Blocks | None = None
    single: bool = False  # one conversation was asked for by name, not a list


class Page(NamedTuple, Generic[T]):
    """One page of a list and its place in the whole."""

    items: tuple[T, ...]
    total: int
    per_page: int
    number: int
