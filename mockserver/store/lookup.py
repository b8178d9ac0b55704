"""One query for everything that a use case needs: caller, peer, and the conversation between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.ids import pair_key
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, User
from duologue.mockserver.store import people, rows, schema
from duologue.mockserver.store.backends import FreeText, Name
from duologue.mockserver.store.criteria import Tables, last_read_id, unread_mentions
from duologue.mockserver.store.prepared import PreparedStatement, Row
from duologue.mockserver.store.tags import unpack

_PEER_AT = len(rows.USER_FIELDS)
_COPY_AT: dict[Kind, int] = {
    "user": _PEER_AT + len(rows.USER_FIELDS),
    "group": _PEER_AT + len(rows.GROUP_FIELDS),
}
_COPY_FIELDS = 15
_KEYS: dict[Kind, Callable[[str, str], str]] = {"user": pair_key, "group": lambda _, guid: guid}

UnreadCount = Callable[[Tables], ColumnElement[int]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lookup:
    """The query, one statement for each kind of peer, with one way to count unread messages."""

    unread_count: UnreadCount
    statements: dict[Kind, PreparedStatement] = field(default_factory=dict)

    @staticmethod
    @lru_cache(maxsize=8)  # building takes 5 ms, and behaviours are replaced while the mock answers
    def build(unread_count: UnreadCount) -> Lookup:
        """Return the lookup with this unread count; its statements are built when they are used."""
        return Lookup(unread_count)

    def statement(self, kind: Kind) -> PreparedStatement:
        """Return the statement for a kind of peer; build it if it is the first time."""
        found = self.statements.get(kind)
        if found is None:
            build = _of_user if kind == "user" else _of_group
            found = self.statements[kind] = PreparedStatement(build(self.unread_count))
        return found

    def find(self, conn: Connection, caller: str, *, kind: Kind, peer: str) -> LookupResult:
        """Return `caller`, `peer` and the conversation between them."""
        values = {"caller": caller, "peer": peer, "key": conversation_key(kind, caller, peer)}
        (row,) = self.statement(kind).all(conn, values)
        result = _result(row, caller, kind)
        copy = result.copy
        if copy is None or copy.last_message is None or copy.last_message.mentions is None:
            return result
        return result._replace(copy=people.Known(conn).copy_with_mentioned(copy))


@lru_cache(maxsize=1024)  # most rows were seen before; a hit costs 3 us, building it 20 us
def _result(row: Row, caller: str, kind: Kind) -> LookupResult:
    """Return what a row says: a pure function, so equal rows share one result."""
    at = _COPY_AT[kind]
    peer_is = (rows.to_user if kind == "user" else rows.to_group)(row[_PEER_AT:at])
    me = rows.to_user(row[:_PEER_AT])
    return LookupResult(
        caller=me,
        peer=peer_is,
        copy=_copy(row, caller, me=me, kind=kind, peer_is=peer_is),
        is_party=row[at + 1] is not None,
    )


def conversation_key(kind: Kind, caller: str, peer: str) -> str:
    """Return the key of a conversation's row, the same for all of its parties."""
    return _KEYS[kind](caller, peer)


def _copy(
    row: Any, owner: str, *, me: User | None, kind: Kind, peer_is: User | Group | None
) -> Copy | None:
    at = _COPY_AT[kind]
    if row[at] is None or peer_is is None:
        return None
    return Copy(
        owner=owner,
        kind=kind,
        peer=peer_is.uid if isinstance(peer_is, User) else peer_is.guid,
        conversation=row[at],
        unread_count=row[at + 2] or 0,  # None for a user who is not a party; a rule decides
        read_seq=row[at + 3] or 0,
        last_seq=row[at + 4],
        hidden_seq=-1 if row[at + 5] is None else row[at + 5],
        created_at=row[at + 6],
        updated_at=row[at + 7],
        tags=unpack(row[at + 8] or ""),
        scope=row[at + 9],
        joined_at=row[at + 10],
        delivered_seq=row[at + 11] or 0,
        peer_is=peer_is,
        unread_mentions=row[at + 12] or 0,
        last_read_id=row[at + 13],
        latest_id=row[at + 14],
        last_message=_last_message(row, at + _COPY_FIELDS, me=me, peer_is=peer_is),
    )


def _last_message(row: Any, at: int, *, me: User | None, peer_is: User | Group) -> Message | None:
    """Return the last message with sender and receiver; those of a 1-on-1 are in the row."""
    message = rows.to_message(row[at : at + len(rows.MESSAGE_FIELDS)])
    if message is None:
        return None
    if isinstance(peer_is, Group):
        sender = rows.to_user(row[at + len(rows.MESSAGE_FIELDS) :])
        return message._replace(sender_is=sender, receiver_is=peer_is)
    is_mine = me is not None and message.sender == me.uid
    return message._replace(
        sender_is=me if is_mine else peer_is, receiver_is=peer_is if is_mine else me
    )


def _wanted() -> Any:
    return select(
        bindparam("caller", type_=Name).label("caller"),
        bindparam("peer", type_=Name).label("peer"),
        bindparam("key", type_=FreeText).label("key"),
    ).subquery("asked")


def _of_user(unread_count: UnreadCount) -> Select[Any]:
    wanted, peer = _wanted(), schema.users.alias("peer")
    is_peer = and_(peer.c.uid == wanted.c.peer, peer.c.deactivated_at.is_(None))
    tables = Tables(schema.copies, schema.conversations, peer, "user")
    return _statement(wanted, tables, is_peer=is_peer, unread_count=unread_count)


def _of_group(unread_count: UnreadCount) -> Select[Any]:
    wanted, peer = _wanted(), schema.groups.alias("peer")
    tables = Tables(schema.copies, schema.conversations, peer, "group")
    return _statement(
        wanted, tables, is_peer=peer.c.guid == wanted.c.peer, unread_count=unread_count
    )


def _statement(
    wanted: Any, tables: Tables, *, is_peer: ColumnElement[bool], unread_count: UnreadCount
) -> Select[Any]:
    caller, message = schema.users.alias("caller"), schema.messages
    sender = schema.users.alias("sender")
    conversation, copy = schema.conversations, schema.copies
    kind = literal(tables.kind)
    fields = rows.USER_FIELDS if tables.kind == "user" else rows.GROUP_FIELDS
    is_caller = and_(caller.c.uid == wanted.c.caller, caller.c.deactivated_at.is_(None))
    is_copy = and_(copy.c.uid == wanted.c.caller, copy.c.kind == kind, copy.c.peer == wanted.c.peer)
    is_between = and_(conversation.c.kind == kind, conversation.c.key == wanted.c.key)
    found = (
        select(
            *rows.columns(caller, rows.USER_FIELDS, "caller_"),
            *rows.columns(tables.peer, fields, "peer_"),
            conversation.c.id.label("conversation_id"),
            copy.c.uid.label("owner"),
            unread_count(tables).label("unread_count"),
            copy.c.read_seq,
            conversation.c.last_seq,
            copy.c.hidden_seq,
            conversation.c.created_at.label("began_at"),
            conversation.c.updated_at.label("moved_at"),
            copy.c.tags.label("copy_tags"),
            copy.c.scope,
            copy.c.joined_at,
            copy.c.delivered_seq,
            unread_mentions(tables).label("unread_mentions"),
            last_read_id(tables).label("last_read_id"),
            conversation.c.last_message,
            *rows.columns(message, rows.MESSAGE_FIELDS, "message_"),
        )
        .select_from(wanted)
        .outerjoin(caller, is_caller)
        .outerjoin(tables.peer, is_peer)
        .outerjoin(conversation, is_between)
        .outerjoin(copy, is_copy)
        .outerjoin(message, message.c.id == conversation.c.last_message)
    )
    if tables.kind == "user":
        return found
    columns = rows.columns(sender, rows.USER_FIELDS, "sender_")
    return found.add_columns(*columns).outerjoin(sender, sender.c.uid == message.c.sender)
