"""The things the API speaks of, as values that never change.

Named tuples: of a list's page some hundred are made, and a frozen data class takes four times as
long to make, and five times as long to define.
"""

from __future__ import annotations

from typing import Generic, Literal, NamedTuple, TypeVar

Kind = Literal["user", "group"]
T = TypeVar("T")


class User(NamedTuple):
    """A person of the app."""

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


class Member(NamedTuple):
    """One user's place in a group."""

    user: User
    scope: str
    joined_at: int


class Message(NamedTuple):
    """One message; `seq` is its place among those that moved its conversation, if it did."""

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


class Copy(NamedTuple):
    """One party's copy of a conversation.

    `read_seq` is how far the owner has read, `last_seq` how far the conversation has come,
    `hidden_seq` how far it had come when the owner deleted the copy (-1: never deleted).
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
    last_message: Message | None = None


class LookupResult(NamedTuple):
    """Everything one look-up finds of a caller, a peer and what is between them.

    `copy` is there whenever the conversation is, with the values of a new copy where the caller has
    none: it is for the rules, not for the look-up, to say who may see it.
    """

    caller: User | None
    peer: User | Group | None
    copy: Copy | None
    is_party: bool
    members_count: int = 0


class Filters(NamedTuple):
    """What a list of conversations is narrowed to; None leaves a filter out."""

    conversation_type: Kind | None = None
    unread: bool | None = None
    tags: tuple[str, ...] | None = None
    user_tags: tuple[str, ...] | None = None
    group_tags: tuple[str, ...] | None = None
    search_key: str | None = None


class Shown(NamedTuple):
    """What a caller wants to see in each conversation beyond the plain properties."""

    tags: bool = False
    peer_tags: bool = False
    owner: bool = False
    single: bool = False  # one conversation was asked for by name, not a list


class Page(NamedTuple, Generic[T]):
    """A stretch of a list, and where it stands in the whole."""

    items: tuple[T, ...]
    total: int
    per_page: int
    number: int
