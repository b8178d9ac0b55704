"""Changes of one copy: how far it is read, its tags, whether it is hidden."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Copy
from duologue.mockserver.store import one_copy, schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.tags import pack

_copies, _messages = schema.copies, schema.messages

_READ = PreparedStatement(
    update(_copies).where(*one_copy.IS_IT).values(read_seq=bindparam("seq"), own=bindparam("mine"))
)
_TAG = PreparedStatement(update(_copies).where(*one_copy.IS_IT).values(tags=bindparam("packed")))
_HIDE = (
    update(_copies)
    .where(*one_copy.IS_IT)
    .values(hidden_seq=bindparam("seq"), read_seq=bindparam("seq"), own=0, tags="")
)
_HIDE_FOR_ALL = (
    update(_copies)
    .where(_copies.c.conversation_id == bindparam("conversation"))
    .values(hidden_seq=bindparam("seq"), read_seq=bindparam("seq"), own=0, tags="")
)
_OWN_AFTER = PreparedStatement(
    select(func.count()).where(
        _messages.c.conversation_id == bindparam("conversation"),
        _messages.c.seq > bindparam("beyond"),
        _messages.c.sender == bindparam("owner"),
    )
)


def set_read(conn: Connection, copy: Copy, seq: int) -> None:
    """Set the read cursor to `seq`: messages of others after it are unread."""
    if seq == copy.read_seq:
        return
    own = 0
    if seq < copy.last_seq:
        values = {"conversation": copy.conversation, "beyond": seq, "owner": copy.owner}
        own = _OWN_AFTER.value(conn, values)
    _READ.change(conn, one_copy.values(copy) | {"seq": seq, "mine": own})


def set_tags(conn: Connection, copy: Copy, tags: tuple[str, ...]) -> None:
    """Replace the tags of the copy."""
    if tags != copy.tags:
        _TAG.change(conn, one_copy.values(copy) | {"packed": pack(tags)})
        conn.info["tagged_rows"] += 1  # see `Store.stamp`


def hide(conn: Connection, copy: Copy, seq: int) -> None:
    """Hide the copy from its owner, without its tags, until the conversation passes `seq`."""
    conn.execute(_HIDE, one_copy.values(copy) | {"seq": seq})


def hide_for_all(conn: Connection, copy: Copy, seq: int) -> None:
    """Hide the copies of all parties of the conversation, without their tags."""
    conn.execute(_HIDE_FOR_ALL, {"conversation": copy.conversation, "seq": seq})
