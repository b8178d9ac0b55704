"""How many copies each user has: what the total of a long list is the sum of.

To count two million copies takes 0.4 s. Where one transaction writes at a time, triggers keep the
numbers beside the copies. Elsewhere writers would wait for each other at a user's numbers, so that
they are counted when they are asked for.
"""

from __future__ import annotations

from sqlalchemy import column, table
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends
from duologue.mockserver.store.backends import Number

counts = table(
    "copy_counts", column("uid"), column("of_users", Number), column("of_groups", Number)
)

_COUNTED = (
    "SELECT uid, sum(CASE kind WHEN 'user' THEN 1 ELSE 0 END) AS of_users,"
    " sum(CASE kind WHEN 'group' THEN 1 ELSE 0 END) AS of_groups FROM copies GROUP BY uid"
)
_VIEW = f"CREATE OR REPLACE VIEW copy_counts AS {_COUNTED}"
_TABLE = (
    "CREATE TABLE copy_counts (uid VARCHAR(100) PRIMARY KEY NOT NULL, of_users INTEGER NOT NULL,"
    " of_groups INTEGER NOT NULL) WITHOUT ROWID",
    f"INSERT INTO copy_counts {_COUNTED}",
    "CREATE TRIGGER copy_is_added AFTER INSERT ON copies BEGIN"
    " INSERT INTO copy_counts VALUES (NEW.uid, NEW.kind = 'user', NEW.kind = 'group')"
    " ON CONFLICT DO UPDATE SET of_users = of_users + excluded.of_users,"
    " of_groups = of_groups + excluded.of_groups; END",
    "CREATE TRIGGER copy_is_removed AFTER DELETE ON copies BEGIN"
    " UPDATE copy_counts SET of_users = of_users - (OLD.kind = 'user'),"
    " of_groups = of_groups - (OLD.kind = 'group') WHERE uid = OLD.uid; END",
)
# Few copies are deleted ones, and whether one is seen again is known only beside its conversation.
_DELETED = (
    "CREATE INDEX IF NOT EXISTS copies_deleted ON copies"
    " (uid, kind, hidden_seq, conversation_id) WHERE hidden_seq >= 0"
)


def create(connection: Connection) -> None:
    """Create what counts copies, for those that are there too, unless a state has it already."""
    connection.exec_driver_sql(_DELETED)
    if not backends.keeps_one_writer(connection):
        connection.exec_driver_sql(_VIEW)
    elif not backends.columns(connection, counts.name):
        for statement in _TABLE:
            connection.exec_driver_sql(statement)
