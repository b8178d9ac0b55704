"""The whole state as rows, table by table: read from one database, written to another.

Unlike `canonical_dump`, which contains what answers can show, this leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection

from duologue.mockserver.store import bulk, schema

_NUMBERED = (schema.messages, schema.conversations, schema.tokens)
Row = tuple[Any, ...]


class StateDump(NamedTuple):
    """Rows in the column order of their tables, and the next id of each table with ids.

    A state can begin with it as with any world.
    """

    rows: Mapping[str, Sequence[Row]]
    next_ids: Mapping[str, int]

    @property
    def name(self) -> str:
        """Return the name of the world that the state began with."""
        return next((str(row[0]) for row in self.rows["origin"]), "")

    @property
    def seed(self) -> int:
        """Return 0: no seed made it."""
        return 0

    @property
    def users(self) -> Iterable[Row]:
        """Return the rows of the users."""
        return self.rows["users"]

    @property
    def groups(self) -> Iterable[Row]:
        """Return the rows of the groups."""
        return self.rows["groups"]

    @property
    def messages(self) -> Iterable[Row]:
        """Return the rows of the messages; without a length, since they are in memory."""
        return (row for row in self.rows["messages"])

    @property
    def copies(self) -> Iterable[Row]:
        """Return the rows of the copies."""
        return self.rows["copies"]

    @property
    def details(self) -> Iterable[Row]:
        """Return nothing: the rows of the messages have all that belongs to them."""
        return ()

    @property
    def blocks(self) -> Iterable[Row]:
        """Return the rows of who has blocked whom."""
        return self.rows["blocks"]


def read(conn: Connection) -> StateDump:
    """Return all rows of a database; no other connection may write meanwhile."""
    rows = {
        table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
        for table in schema.metadata.sorted_tables
    }
    next_ids = {table.name: bulk.next_number(conn, table) for table in _NUMBERED}
    return StateDump(rows, next_ids)


def write(conn: Connection, everything: StateDump) -> None:
    """Replace all rows of a database within the transaction of `conn`."""
    for table in schema.metadata.sorted_tables:
        conn.execute(delete(table))
        columns = tuple(column.name for column in table.columns)
        bulk.insert_many(conn, table, columns=columns, rows=everything.rows[table.name])
    for table in _NUMBERED:
        bulk.set_next_number(conn, table, everything.next_ids[table.name])


def counts(conn: Connection) -> tuple[int, int, int]:
    """Return the numbers of users, groups and messages, without erased messages."""
    users = select(func.count()).select_from(schema.users).scalar_subquery()
    groups = select(func.count()).select_from(schema.groups).scalar_subquery()
    messages = select(func.count()).where(schema.messages.c.erased.is_(False)).scalar_subquery()
    row = conn.execute(select(users, groups, messages)).one()
    return row[0], row[1], row[2]


def name(conn: Connection) -> str:
    """Return the name of the world that the state began with."""
    return conn.execute(select(schema.origin.c.world)).scalar() or ""
