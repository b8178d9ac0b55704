"""Receipts: up to which message somebody has received or read, and since when all have."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Update, bindparam, exists, func, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Copy
from duologue.mockserver.store import one_copy, schema
from duologue.mockserver.store.prepared import PreparedStatement

_copies, _messages = schema.copies, schema.messages


def _receipt(column: Column[int]) -> Update:
    return (
        update(_messages)
        .where(
            _messages.c.conversation_id == bindparam("conversation"),
            _messages.c.seq > bindparam("beyond"),
            _messages.c.seq <= bindparam("up_to"),
            _messages.c.sender != bindparam("owner"),
            column.is_(None),
        )
        .values({column: bindparam("now")})
    )


def _group_receipt(column: Column[int], reached: ColumnElement[int]) -> Update:
    """Return those of a group's messages that every member but the sender has (readings B18)."""
    lagging = exists().where(
        _copies.c.conversation_id == bindparam("conversation"),
        _copies.c.uid != _messages.c.sender,
        reached < _messages.c.seq,
    )
    return _receipt(column).where(~lagging)


_HAS_READ, _HAS = _copies.c.read_seq, func.greater(_copies.c.read_seq, _copies.c.delivered_seq)
_DELIVER = {
    "user": PreparedStatement(_receipt(_messages.c.delivered_at)),
    "group": PreparedStatement(_group_receipt(_messages.c.delivered_at, _HAS)),
}
_READ = {
    "user": PreparedStatement(_receipt(_messages.c.read_at)),
    "group": PreparedStatement(_group_receipt(_messages.c.read_at, _HAS_READ)),
}
_DELIVERED = PreparedStatement(
    update(_copies).where(*one_copy.IS_IT).values(delivered_seq=bindparam("up_to"))
)


def deliver(conn: Connection, copy: Copy, *, up_to: int, now: int) -> None:
    """Note how far messages are delivered to the owner, and set the time on those that all have.

    A 1-on-1's message has it with its receiver's mark, a group's with the last member's (readings
    B18). Each message is touched once, however often the mark is repeated. Messages to a crowded
    group have no place in its conversation, and get no receipts.
    """
    if up_to <= copy.delivered_seq:
        return
    _DELIVERED.change(conn, one_copy.values(copy) | {"up_to": up_to})
    beyond = copy.delivered_seq
    _DELIVER[copy.kind].change(conn, _span(copy, beyond=beyond, up_to=up_to, now=now))


def acknowledge(conn: Connection, copy: Copy, *, up_to: int, now: int) -> None:
    """Set the time of reading on the messages of others that all have read by now.

    To be called once the owner's cursor is there. What is read is delivered, too (readings B18).
    """
    deliver(conn, copy, up_to=up_to, now=now)
    if up_to > copy.read_seq:
        _READ[copy.kind].change(conn, _span(copy, beyond=copy.read_seq, up_to=up_to, now=now))


def _span(copy: Copy, *, beyond: int, up_to: int, now: int) -> dict[str, object]:
    span = {"beyond": beyond, "up_to": up_to, "now": now}
    return span | {"conversation": copy.conversation, "owner": copy.owner}
