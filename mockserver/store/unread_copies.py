"""Which copies have unread messages: what the whole app's list by `unread` walks along.

Whether a copy is unread stands in two rows, since a message changes no member's copy, and to ask
200,000 copies takes 0.1 s. So triggers keep it as a row for each unread copy. A message marks only
those that were read before: of a group these are known as well, so that in a group of 300 that
nobody reads a message looks at none of them. The criteria are those of `store.criteria`; a list by
others does not use these tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Column, MetaData, Table, column, table
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, bulk, tallies
from duologue.mockserver.store.backends import Name, Number

_metadata = MetaData()
unread = Table(
    "unread_copies",
    _metadata,
    Column("uid", Name, primary_key=True),
    Column("kind", Name, primary_key=True),
    Column("peer", Name, primary_key=True),
    Column("conversation_id", Number, nullable=False),
    sqlite_with_rowid=False,
)
# Of groups alone: a 1-on-1 has one copy that a message can make unread.
_read = Table(
    "read_copies",
    _metadata,
    Column("conversation_id", Number, primary_key=True, autoincrement=False),
    Column("uid", Name, primary_key=True),
    Column("peer", Name, nullable=False),
    sqlite_with_rowid=False,
)
totals = table("unread_totals", column("of_users", Number), column("of_groups", Number))

# As `criteria.unread_count` and `criteria.visible`. The deleted messages are counted only where
# they decide.
_IS_UNREAD = (
    "EXISTS (SELECT 1 FROM conversations AS t WHERE t.id = {0}.conversation_id"
    " AND t.last_seq > {0}.hidden_seq AND t.last_seq - {0}.read_seq - {0}.own >"
    " CASE WHEN t.deletions = 0 OR t.last_seq - {0}.read_seq - {0}.own > t.deletions THEN 0 ELSE"
    " (SELECT count(*) FROM messages AS m WHERE m.conversation_id = t.id AND m.seq > {0}.read_seq"
    " AND m.deleted_at IS NOT NULL AND m.sender <> {0}.uid) END)"
)
_WORDS = {
    "IS_UNREAD(c)": _IS_UNREAD.format("c"),
    "IS_UNREAD(NEW)": _IS_UNREAD.format("NEW"),
    "IS_MARKED": "EXISTS (SELECT 1 FROM unread_copies AS u"
    " WHERE u.uid = NEW.uid AND u.kind = NEW.kind AND u.peer = NEW.peer)",
}


_ALL = (
    backends.filled(
        "INSERT INTO unread_copies SELECT uid, kind, peer, conversation_id FROM copies AS c"
        " WHERE IS_UNREAD(c)",
        _WORDS,
    ),
    backends.filled(
        "INSERT INTO read_copies SELECT conversation_id, uid, peer FROM copies AS c"
        " WHERE kind = 'group' AND NOT IS_UNREAD(c) ON CONFLICT DO NOTHING",
        _WORDS,
    ),
)


class _Trigger(NamedTuple):
    """What is executed after each row of an event; alike on both engines."""

    name: str
    event: str
    of: str
    body: str
    when: str = ""


# Most requests change nothing here, so that most is decided by conditions: each takes 1 us, and
# a statement of a trigger on SQLite 4 us.
_TRIGGERS = (
    _Trigger(
        "message_to_user",
        "INSERT",
        "messages",
        "INSERT INTO unread_copies VALUES (NEW.receiver, 'user', NEW.sender, NEW.conversation_id);",
        when="NEW.kind = 'user' AND NEW.seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unread_copies"
        " WHERE uid = NEW.receiver AND kind = 'user' AND peer = NEW.sender) AND EXISTS (SELECT 1"
        " FROM copies WHERE uid = NEW.receiver AND kind = 'user' AND peer = NEW.sender)",
    ),
    _Trigger(
        "message_to_group",
        "INSERT",
        "messages",
        "INSERT INTO unread_copies SELECT uid, 'group', peer, conversation_id FROM read_copies"
        " WHERE conversation_id = NEW.conversation_id AND uid <> NEW.sender;",
        when="NEW.kind = 'group' AND NEW.seq IS NOT NULL AND EXISTS (SELECT 1 FROM read_copies"
        " WHERE conversation_id = NEW.conversation_id AND uid <> NEW.sender)",
    ),
    _Trigger(
        "deletion_makes_read",
        "UPDATE OF deleted_at",
        "messages",
        "DELETE FROM unread_copies WHERE (uid, kind, peer) IN (SELECT uid, kind, peer"
        " FROM copies AS c WHERE c.conversation_id = NEW.conversation_id"
        " AND c.read_seq < NEW.seq AND NOT IS_UNREAD(c));",
        when="OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL AND NEW.seq IS NOT NULL",
    ),
    _Trigger(
        "copy_becomes_read",
        "UPDATE OF read_seq, own, hidden_seq",
        "copies",
        "DELETE FROM unread_copies WHERE uid = NEW.uid AND kind = NEW.kind AND peer = NEW.peer;",
        when="IS_MARKED AND NOT IS_UNREAD(NEW)",
    ),
    _Trigger(
        "copy_becomes_unread",
        "UPDATE OF read_seq, own, hidden_seq",
        "copies",
        "INSERT INTO unread_copies VALUES (NEW.uid, NEW.kind, NEW.peer, NEW.conversation_id);",
        when="NOT IS_MARKED AND IS_UNREAD(NEW)",
    ),
    _Trigger(
        "read_copy_comes",
        "INSERT",
        "copies",
        "INSERT INTO read_copies VALUES (NEW.conversation_id, NEW.uid, NEW.peer);",
        when="NEW.kind = 'group' AND NOT IS_UNREAD(NEW)",
    ),
    _Trigger(
        "unread_copy_comes",
        "INSERT",
        "copies",
        "INSERT INTO unread_copies VALUES (NEW.uid, NEW.kind, NEW.peer, NEW.conversation_id);",
        when="IS_UNREAD(NEW)",
    ),
    _Trigger(
        "copy_goes",
        "DELETE",
        "copies",
        "DELETE FROM unread_copies WHERE uid = OLD.uid AND kind = OLD.kind AND peer = OLD.peer;"
        " DELETE FROM read_copies WHERE conversation_id = OLD.conversation_id AND uid = OLD.uid;",
    ),
    _Trigger(
        "unread_comes",
        "INSERT",
        "unread_copies",
        "DELETE FROM read_copies WHERE conversation_id = NEW.conversation_id AND uid = NEW.uid;",
        when="NEW.kind = 'group'",
    ),
    _Trigger(
        "unread_goes",
        "DELETE",
        "unread_copies",
        "INSERT INTO read_copies VALUES (OLD.conversation_id, OLD.uid, OLD.peer)"
        " ON CONFLICT DO NOTHING;",
        when="OLD.kind = 'group'",
    ),
)
# On SQLite; elsewhere writers would wait for each other at the one row (see `tallies`).
_TOTALS = (
    "CREATE TABLE unread_totals (of_users INTEGER NOT NULL, of_groups INTEGER NOT NULL)",
    "INSERT INTO unread_totals SELECT coalesce(sum(kind = 'user'), 0),"
    " coalesce(sum(kind = 'group'), 0) FROM unread_copies",
    "CREATE TRIGGER unread_is_added AFTER INSERT ON unread_copies BEGIN"
    " UPDATE unread_totals SET of_users = of_users + (NEW.kind = 'user'),"
    " of_groups = of_groups + (NEW.kind = 'group'); END",
    "CREATE TRIGGER unread_is_removed AFTER DELETE ON unread_copies BEGIN"
    " UPDATE unread_totals SET of_users = of_users - (OLD.kind = 'user'),"
    " of_groups = of_groups - (OLD.kind = 'group'); END",
)


def create(connection: Connection) -> None:
    """Create the tables and fill them for the copies there are, unless a state has them."""
    if not _are_there(connection):
        with backends.all_or_nothing(connection):
            if not _are_there(connection):  # another process may have been first
                _create(connection)
    if not backends.keeps_one_writer(connection):
        tallies.keep(connection, unread.name, view=totals.name)


def _are_there(connection: Connection) -> bool:
    return bool(backends.columns(connection, unread.name))


def _create(connection: Connection) -> None:
    _metadata.create_all(connection)
    is_sqlite = backends.keeps_one_writer(connection)
    for statement in (*_ALL, *(_TOTALS if is_sqlite else ())):
        connection.exec_driver_sql(statement)
    for each in _TRIGGERS:
        on, when = f"{each.event} ON {each.of}", backends.filled(each.when, _WORDS)
        body = backends.filled(each.body, _WORDS)
        backends.create_trigger(connection, each.name, on=on, when=when, body=body)


@contextmanager
def rebuilt(connection: Connection) -> Iterator[None]:
    """Fill the tables anew after the block, which writes all rows of a state in any order."""
    names = {each.name: each.of for each in _TRIGGERS if each.of not in _metadata.tables}
    with bulk.without_triggers(connection, names):
        yield
    for statement in ("DELETE FROM unread_copies", "DELETE FROM read_copies", *_ALL):
        connection.exec_driver_sql(statement)
