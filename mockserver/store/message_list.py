"""Lists of messages: what they are narrowed to, where a page begins, in which direction it goes."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Kind, Message, Page
from duologue.mockserver.store import people, rows, schema
from duologue.mockserver.store.tags import key

_copies, _messages, _blocks = schema.copies, schema.messages, schema.blocks
Flag = ColumnElement[bool]


class MessageFilters(NamedTuple):
    """What a list of messages is narrowed to; None or False leaves a filter out."""

    caller: str | None = None
    conversation: int | None = None  # of one conversation only
    party: str | None = None  # sent by or to this user, where no caller is named
    receiver_type: Kind | None = None
    parent_id: int | None = None  # replies in this thread only
    hide_replies: bool = False
    hide_deleted: bool = False
    only_deleted: bool = False
    hide_notices: bool = False
    only_updates: bool = False  # edited or deleted only
    categories: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    search_key: str | None = None
    unread: bool = False
    undelivered: bool = False
    has_attachments: bool = False
    has_links: bool = False
    has_mentions: bool = False
    mentioned: tuple[str, ...] | None = None
    hide_blocked: bool = False
    sent_from: int | None = None
    sent_to: int | None = None
    attachment_types: tuple[str, ...] | None = None
    has_unplayed: bool = False  # with what the mock does not play, reactions among it


class Cursor(NamedTuple):
    """Where a page begins: before or after a message or a moment, so many messages of it."""

    is_backwards: bool
    limit: int
    number: int = 1
    id: int | None = None
    sent_at: int | None = None
    updated_at: int | None = None


def page(conn: Connection, wanted: MessageFilters, at: Cursor) -> Page[Message]:
    """Return a page in the order of sending; one that goes backwards ends where the cursor is."""
    flags = [*_flags(wanted), _messages.c.erased.is_(False)]
    total = conn.execute(select(func.count()).select_from(_messages).where(*flags)).scalar_one()
    order = _messages.c.id.desc() if at.is_backwards else _messages.c.id
    found = conn.execute(
        select(*rows.columns(_messages, rows.MESSAGE_FIELDS))
        .where(*flags, *_bounds(at))
        .order_by(order)
        .limit(at.limit)
        .offset(at.limit * (at.number - 1))
    ).all()
    messages = [message for row in found if (message := rows.to_message(row))]
    if at.is_backwards:
        messages.reverse()
    whole = people.dressed(conn, with_replies(conn, messages))
    return Page(whole, total, at.limit, at.number)


def with_replies(conn: Connection, messages: list[Message]) -> list[Message]:
    """Return the messages with the number of replies in the thread of each."""
    table = _messages.c
    found = conn.execute(
        select(table.parent_id, func.count())
        .where(table.parent_id.in_([one.id for one in messages]), table.erased.is_(False))
        .group_by(table.parent_id)
    )
    counted: dict[int, int] = {row[0]: row[1] for row in found}
    return [
        one._replace(reply_count=counted[one.id]) if one.id in counted else one for one in messages
    ]


def counts(conn: Connection, wanted: MessageFilters) -> list[tuple[Kind, str, int]]:
    """Return the kind, the other party and the number of messages of each of the caller's chats."""
    table = _messages.c
    other = case(
        (and_(table.kind == "user", table.receiver == wanted.caller), table.sender),
        else_=table.receiver,
    )
    flags = [*_flags(wanted._replace(hide_notices=True)), table.erased.is_(False)]
    found = conn.execute(
        select(table.kind, other, func.count())
        .where(*flags)
        .group_by(table.kind, other)
        .order_by(func.max(table.id).desc())
    )
    return [(kind, peer, count) for kind, peer, count in found]


def _bounds(at: Cursor) -> list[Flag]:
    table = _messages.c
    found: list[Flag] = []
    for column, value in ((table.id, at.id), (table.sent_at, at.sent_at)):
        if value is not None:
            found.append(column < value if at.is_backwards else column > value)
    if at.updated_at is not None:
        found.append(table.updated_at > at.updated_at)
    return found


def _flags(wanted: MessageFilters) -> list[Flag]:
    return [*_where(wanted), *_what(wanted), *_state(wanted)]


def _where(wanted: MessageFilters) -> list[Flag]:
    """Filter by conversation, and by what of it the caller may see."""
    table = _messages.c
    found: list[Flag] = []
    if wanted.caller is not None:
        copy = _copies.alias().c
        found.append(
            select(copy.uid)
            .where(
                copy.conversation_id == table.conversation_id,
                copy.uid == wanted.caller,
                # What came before the caller deleted the conversation stays out of view.
                or_(table.seq.is_(None), table.seq > copy.hidden_seq),
            )
            .exists()
        )
    if wanted.conversation is not None:
        found.append(table.conversation_id == wanted.conversation)
    if wanted.party is not None:
        found.append(or_(table.sender == wanted.party, table.receiver == wanted.party))
    if wanted.receiver_type is not None:
        found.append(table.kind == wanted.receiver_type)
    if wanted.parent_id is not None:
        found.append(table.parent_id == wanted.parent_id)
    if wanted.hide_replies:
        found.append(table.parent_id.is_(None))
    return found


def _what(wanted: MessageFilters) -> list[Flag]:
    """Filter by what is in the messages."""
    table = _messages.c
    found: list[Flag] = []
    for column, values in ((table.category, wanted.categories), (table.type, wanted.types)):
        if values is not None:
            found.append(column.in_(values))
    for column, packed in ((table.tags, wanted.tags), (table.mentions, wanted.mentioned)):
        if packed is not None:
            found.append(or_(*(func.holds(func.coalesce(column, ""), key(one)) for one in packed)))
    if wanted.search_key is not None:
        found.append(table.category != "action")  # its text is the word for what was done
        found.append(func.lower(table.text).contains(wanted.search_key.lower(), autoescape=True))
    if wanted.has_attachments:
        found.append(func.coalesce(table.content, "").contains('"attachments"'))
    if wanted.attachment_types is not None:
        found.append(table.type.in_(wanted.attachment_types))
        found.append(func.coalesce(table.content, "").contains('"attachments"'))
    if wanted.has_links:
        found.append(or_(table.text.contains("http://"), table.text.contains("https://")))
    if wanted.has_mentions:
        found.append(table.mentions.is_not(None))
    if wanted.has_unplayed:
        found.append(false())
    return found


def _state(wanted: MessageFilters) -> list[Flag]:
    """Filter by what has become of the messages."""
    table = _messages.c
    found: list[Flag] = []
    if wanted.hide_deleted:
        found.append(table.deleted_at.is_(None))
    if wanted.only_deleted:
        found.append(table.deleted_at.is_not(None))
    if wanted.sent_from is not None:
        found.append(table.sent_at >= wanted.sent_from)
    if wanted.sent_to is not None:
        found.append(table.sent_at <= wanted.sent_to)
    if wanted.hide_notices:
        found.append(~and_(table.category == "action", table.type == "message"))
    if wanted.only_updates:
        found.append(or_(table.edited_at.is_not(None), table.deleted_at.is_not(None)))
    if wanted.undelivered:
        found.append(table.delivered_at.is_(None))
    if wanted.unread:
        found += [table.deleted_at.is_(None), _unread_by(wanted.caller or "")]
    if wanted.hide_blocked and wanted.caller is not None:
        mine = (_blocks.c.uid == wanted.caller, _blocks.c.blocked == table.sender)
        found.append(~select(_blocks.c.uid).where(*mine).exists())
    return found


def _unread_by(uid: str) -> Any:
    copy, table = _copies.alias().c, _messages.c
    return and_(
        table.sender != uid,
        select(copy.uid)
        .where(
            copy.conversation_id == table.conversation_id,
            copy.uid == uid,
            table.seq > copy.read_seq,
        )
        .exists(),
    )
