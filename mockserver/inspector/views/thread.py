"""One open conversation: what the API answers about it, and its messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import orjson
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.mentions import mentioned
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, User
from duologue.mockserver.inspector import queries
from duologue.mockserver.inspector.preview_client import Preview, PreviewClient
from duologue.mockserver.inspector.views.avatars import (
    Avatar,
    Moment,
    avatar_of,
    moment,
    moment_to_second,
)
from duologue.mockserver.inspector.views.message_text import kind_of, of_group_action, with_names
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import users as user_store

if TYPE_CHECKING:
    from duologue.mockserver.control.sending.scheduler import ScheduledMessage

PER_PAGE = 50
MOST_SENDERS = 100  # the longest usable choice


class ThreadLine(NamedTuple):
    """One message as its reader sees it."""

    id: int
    sender: Avatar
    is_own: bool
    text: str
    at: Moment | None
    marks: tuple[str, ...]  # deleted, delivered, read: its state besides the text
    is_unread: bool
    is_first_unread: bool
    may_delete: bool


class WaitingLine(NamedTuple):
    """A message of this conversation that the mock will send."""

    id: str
    sender: str
    text: str
    at: Moment | None


class Thread(NamedTuple):
    """The pane of one conversation, as one user sees it."""

    kind: Kind
    avatar: Avatar
    answer: Preview
    members_count: int | None
    lines: tuple[ThreadLine, ...]
    older: int | None  # the message before which there is more
    senders: tuple[Avatar, ...]

    @property
    def place(self) -> str:
        """Return how the page's URL and the API's paths name the conversation."""
        return f"{self.kind}s/{self.avatar.id}"

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the tags in the answer."""
        data = self.answer.data
        tags = data.get("tags") if isinstance(data, dict) else None
        return tuple(map(str, tags)) if isinstance(tags, list) else ()


def thread(
    preview_client: PreviewClient, caller: str, *, kind: Kind, peer: str, before: int | None
) -> Thread | None:
    """Return the conversation of `caller` with `peer`; None if there is no such user or group."""
    found = preview_client.lookup(caller, kind=kind, peer=peer)
    if found.caller is None or found.peer is None:
        return None
    name, parameter = ("User", "uid") if kind == "user" else ("Group", "guid")
    answer = preview_client.ask(f"get{name}Conversation", caller=caller, path={parameter: peer})
    messages = _messages(preview_client, found, before)
    kept = messages[-PER_PAGE:]
    return Thread(
        kind=kind,
        avatar=_face(found.peer),
        answer=answer,
        members_count=found.peer.members_count if isinstance(found.peer, Group) else None,
        lines=_lines(preview_client, kept, found.copy, reader=found.caller),
        older=kept[0].id if len(messages) > PER_PAGE else None,
        senders=_senders(preview_client, found.caller, found.peer),
    )


def waiting(
    scheduled: Iterable[ScheduledMessage], caller: str, *, kind: Kind, peer: str, now: int
) -> tuple[WaitingLine, ...]:
    """Return the messages of one conversation that are not sent yet."""
    pair = {(caller, peer), (peer, caller)}
    return tuple(
        WaitingLine(each.id, each.sender, each.text, moment_to_second(each.due, now))
        for each in scheduled
        if each.kind == kind
        and (each.receiver == peer if kind == "group" else (each.sender, each.receiver) in pair)
    )


def _messages(
    preview_client: PreviewClient, found: LookupResult, before: int | None
) -> tuple[Message, ...]:
    # A user who is no party sees no messages: the page shows the view of that user.
    if found.copy is None or not found.is_party:
        return ()
    conversation = found.copy.conversation
    return queries.messages(preview_client.conn, conversation, before=before, take=PER_PAGE + 1)


def _lines(
    preview_client: PreviewClient, messages: tuple[Message, ...], copy: Copy | None, *, reader: User
) -> tuple[ThreadLine, ...]:
    conn, now = preview_client.conn, preview_client.now
    people = _people(conn, messages)
    unread = [each.id for each in messages if copy is not None and _is_unread(each, copy)]
    return tuple(
        ThreadLine(
            id=each.id,
            sender=_face(people[each.sender])
            if each.sender in people
            else avatar_of(each.sender, ""),
            is_own=each.sender == reader.uid,
            text=_text(each, people),
            at=moment(each.sent_at, now),
            marks=_marks(each, copy, now),
            is_unread=each.id in unread,
            is_first_unread=each.id in unread[:1],
            may_delete=each.deleted_at is None and each.category == "message",
        )
        for each in messages
    )


def _is_unread(message: Message, copy: Copy) -> bool:
    return (
        message.seq is not None
        and message.seq > copy.read_seq
        and message.sender != copy.owner
        and message.deleted_at is None
    )


def _marks(message: Message, copy: Copy | None, now: int) -> tuple[str, ...]:
    marks = []
    for word, at in (
        ("delivered", message.delivered_at),
        ("read", message.read_at),
        ("deleted", message.deleted_at),
    ):
        when = moment(at, now)
        if when is not None:
            marks.append(f"{word} {when.short}")
    if message.seq is None and message.category == "message":
        marks.append("not counted: the group was too large")
    if copy is not None and message.seq is not None and message.seq <= copy.hidden_seq:
        marks.append("before the conversation was deleted")
    return tuple(marks)


def _people(conn: Connection, messages: tuple[Message, ...]) -> dict[str, User]:
    """Return the senders and the mentioned users by uid."""
    uids = {each.sender for each in messages}
    uids.update(uid for each in messages for uid in mentioned(each.text))
    found = {uid: user_store.find(conn, uid) for uid in uids}
    return {uid: user for uid, user in found.items() if user is not None}


def _text(message: Message, people: dict[str, User]) -> str:
    if message.category != "action":
        content = orjson.loads(message.content or "{}")
        names = {uid: user.name for uid, user in people.items()}
        return with_names(message.text, names) or kind_of(message.type, content)
    if message.type == "message":
        return f"deleted message {message.metadata}"
    told = orjson.loads(message.metadata or "{}")
    return of_group_action(told) or str(told.get("action", message.type))


def _senders(preview_client: PreviewClient, reader: User, peer: User | Group) -> tuple[Avatar, ...]:
    """Return who can be chosen as the next sender: the reader first, then the others."""
    first = _face(reader)
    if isinstance(peer, User):
        return (first, _face(peer))
    members = member_store.members(
        preview_client.conn, peer.guid, per_page=MOST_SENDERS, number=1
    ).items
    users = (each.user for each in members if each.user.uid != reader.uid)
    return (first, *map(_face, users))


def _face(one: User | Group) -> Avatar:
    if isinstance(one, Group):
        return avatar_of(one.guid, one.name, one.icon)
    return avatar_of(one.uid, one.name, one.avatar)
