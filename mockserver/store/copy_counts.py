"""How many copies each user has: what the total of a long list is the sum of.

To count two million copies takes 0.4 s. Where one transaction writes at a time, triggers keep the
numbers beside the copies, and their sums for each range of some hundred users: a page of the whole
app's list is found by a walk along the ranges and along the users of one. Elsewhere writers would
wait for each other at such numbers, so that those are counted when they are asked for, and the sum
of all is kept in `tallies`.
"""

from __future__ import annotations

from sqlalchemy import column, table
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, tallies
from duologue.mockserver.store.backends import Number

counts = table(
    "copy_counts", column("uid"), column("of_users", Number), column("of_groups", Number)
)
# Of the users from `first_uid` to before `end_uid`; together the ranges hold every possible user.
ranges = table(
    "copy_ranges",
    column("first_uid"),
    column("end_uid"),
    column("of_users", Number),
    column("of_groups", Number),
)
# Of all users together: one row.
totals = table("copy_totals", column("of_users", Number), column("of_groups", Number))

_USERS_OF_RANGE = 256  # when a state is made; a range is not divided later
_WORDS = {  # what the words in capitals stand for
    "LAST_CHARACTER": str(0x10FFFF),  # no id begins with it
    "COUNTED_COPIES": "SELECT uid, sum(CASE kind WHEN 'user' THEN 1 ELSE 0 END) AS of_users,"
    " sum(CASE kind WHEN 'group' THEN 1 ELSE 0 END) AS of_groups FROM copies GROUP BY uid",
    "RANGE_OF(NEW)": "first_uid = (SELECT max(first_uid) FROM copy_ranges"
    " WHERE first_uid <= NEW.uid)",
    "RANGE_OF(OLD)": "first_uid = (SELECT max(first_uid) FROM copy_ranges"
    " WHERE first_uid <= OLD.uid)",
    "ONE_MORE": "of_users = of_users + (NEW.kind = 'user'),"
    " of_groups = of_groups + (NEW.kind = 'group')",
    "ONE_LESS": "of_users = of_users - (OLD.kind = 'user'),"
    " of_groups = of_groups - (OLD.kind = 'group')",
}
_VIEWS = (
    "CREATE OR REPLACE VIEW copy_counts AS COUNTED_COPIES",
    "CREATE OR REPLACE VIEW copy_ranges AS"
    " SELECT '' AS first_uid, chr(LAST_CHARACTER) AS end_uid, of_users, of_groups FROM copy_totals",
)
# Of a state that counted less, or not at all.
_REPLACED = (
    "DROP TABLE IF EXISTS copy_counts",
    "DROP TABLE IF EXISTS copy_totals",
    "DROP TRIGGER IF EXISTS copy_is_added",
    "DROP TRIGGER IF EXISTS copy_is_removed",
)
_TABLES = (
    "CREATE TABLE copy_counts (uid VARCHAR(100) PRIMARY KEY NOT NULL, of_users INTEGER NOT NULL,"
    " of_groups INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE copy_ranges (first_uid VARCHAR(100) PRIMARY KEY NOT NULL,"
    " end_uid VARCHAR(100) NOT NULL, of_users INTEGER NOT NULL, of_groups INTEGER NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE copy_totals (of_users INTEGER NOT NULL, of_groups INTEGER NOT NULL)",
    "INSERT INTO copy_counts COUNTED_COPIES",
    "INSERT INTO copy_ranges SELECT first_uid,"
    " lead(first_uid, 1, char(LAST_CHARACTER)) OVER (ORDER BY first_uid), of_users, of_groups FROM"
    " (SELECT min(uid) AS first_uid, sum(of_users) AS of_users, sum(of_groups) AS of_groups FROM"
    " (SELECT *, row_number() OVER (ORDER BY uid) / USERS_OF_RANGE AS number FROM"
    " (SELECT '' AS uid, 0 AS of_users, 0 AS of_groups UNION ALL SELECT * FROM copy_counts))"
    " GROUP BY number)",
    "INSERT INTO copy_totals SELECT sum(of_users), sum(of_groups) FROM copy_ranges",
    "CREATE TRIGGER copy_is_added AFTER INSERT ON copies BEGIN"
    " INSERT INTO copy_counts VALUES (NEW.uid, NEW.kind = 'user', NEW.kind = 'group')"
    " ON CONFLICT DO UPDATE SET of_users = of_users + excluded.of_users,"
    " of_groups = of_groups + excluded.of_groups;"
    " UPDATE copy_ranges SET ONE_MORE WHERE RANGE_OF(NEW);"
    " UPDATE copy_totals SET ONE_MORE; END",
    "CREATE TRIGGER copy_is_removed AFTER DELETE ON copies BEGIN"
    " UPDATE copy_counts SET ONE_LESS WHERE uid = OLD.uid;"
    " UPDATE copy_ranges SET ONE_LESS WHERE RANGE_OF(OLD);"
    " UPDATE copy_totals SET ONE_LESS; END",
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
        tallies.keep(connection, "copies", view=totals.name)
        statements = _VIEWS
    elif not backends.columns(connection, ranges.name):
        statements = (*_REPLACED, *_TABLES)
    words = {**_WORDS, "USERS_OF_RANGE": str(_USERS_OF_RANGE)}
    for statement in statements:
        connection.exec_driver_sql(backends.filled(statement, words))
