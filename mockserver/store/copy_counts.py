"""How many copies each user has: what the total of a long list is the sum of.

To count two million copies takes 0.4 s. Where one transaction writes at a time, triggers keep the
numbers beside the copies. Elsewhere writers would wait for each other at a user's numbers, so that
those are counted when they are asked for, and the sum of all is kept in `tallies`.
"""

from __future__ import annotations

from sqlalchemy import column, table
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, tallies
from duologue.mockserver.store.backends import Number

counts = table(
    "copy_counts", column("uid"), column("of_users", Number), column("of_groups", Number)
)
# Of all users together: one row.
totals = table("copy_totals", column("of_users", Number), column("of_groups", Number))

_COUNTED = (
    "SELECT uid, sum(CASE kind WHEN 'user' THEN 1 ELSE 0 END) AS of_users,"
    " sum(CASE kind WHEN 'group' THEN 1 ELSE 0 END) AS of_groups FROM copies GROUP BY uid"
)
_SUMMED = "SELECT coalesce(sum(of_users), 0), coalesce(sum(of_groups), 0) FROM copy_counts"
_VIEW = f"CREATE OR REPLACE VIEW copy_counts AS {_COUNTED}"
# Of a state that counted for each user alone, or not at all.
_REPLACED = (
    "DROP TABLE IF EXISTS copy_counts",
    "DROP TRIGGER IF EXISTS copy_is_added",
    "DROP TRIGGER IF EXISTS copy_is_removed",
)
_TABLES = (
    "CREATE TABLE copy_counts (uid VARCHAR(100) PRIMARY KEY NOT NULL, of_users INTEGER NOT NULL,"
    " of_groups INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE copy_totals (of_users INTEGER NOT NULL, of_groups INTEGER NOT NULL)",
    f"INSERT INTO copy_counts {_COUNTED}",
    f"INSERT INTO copy_totals {_SUMMED}",
    "CREATE TRIGGER copy_is_added AFTER INSERT ON copies BEGIN"
    " INSERT INTO copy_counts VALUES (NEW.uid, NEW.kind = 'user', NEW.kind = 'group')"
    " ON CONFLICT DO UPDATE SET of_users = of_users + excluded.of_users,"
    " of_groups = of_groups + excluded.of_groups;"
    " UPDATE copy_totals SET of_users = of_users + (NEW.kind = 'user'),"
    " of_groups = of_groups + (NEW.kind = 'group'); END",
    "CREATE TRIGGER copy_is_removed AFTER DELETE ON copies BEGIN"
    " UPDATE copy_counts SET of_users = of_users - (OLD.kind = 'user'),"
    " of_groups = of_groups - (OLD.kind = 'group') WHERE uid = OLD.uid;"
    " UPDATE copy_totals SET of_users = of_users - (OLD.kind = 'user'),"
    " of_groups = of_groups - (OLD.kind = 'group'); END",
)
# Few copies have tags; the whole app's list by a tag looks at no others. On PostgreSQL a row of an
# index has at most 2,704 bytes, and tags may be longer.
_TAGGED = "CREATE INDEX IF NOT EXISTS copies_tagged ON copies ({}) WHERE tags <> ''"
_OF_TAGGED = "uid, kind, peer, tags, hidden_seq, conversation_id"
_OF_TAGGED_ELSEWHERE = "uid, kind, peer"
# Few copies are deleted ones, and whether one is seen again is known only beside its conversation.
_DELETED = (
    "CREATE INDEX IF NOT EXISTS copies_deleted ON copies"
    " (uid, kind, hidden_seq, conversation_id) WHERE hidden_seq >= 0"
)


def create(connection: Connection) -> None:
    """Create what counts and finds copies, those there too, unless a state has it already."""
    is_sqlite = backends.keeps_one_writer(connection)
    connection.exec_driver_sql(_DELETED)
    connection.exec_driver_sql(_TAGGED.format(_OF_TAGGED if is_sqlite else _OF_TAGGED_ELSEWHERE))
    statements: tuple[str, ...] = ()
    if not is_sqlite:
        statements = (_VIEW,)
        tallies.keep(connection, "copies", view=totals.name)
    elif not backends.columns(connection, totals.name):
        statements = (*_REPLACED, *_TABLES)
    for statement in statements:
        connection.exec_driver_sql(statement)
