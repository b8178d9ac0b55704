"""The whole state as rows, table by table: read out of one database, written into another.

Unlike `picture`, which tells what answers can show, this leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection

from duologue.mockserver.store import backends, schema

_NUMBERED = (schema.messages, schema.conversations)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StateDump:
    """Rows in the order of their tables' columns, and the next id of each table that numbers.

    A state can begin with it as with any world.
    """

    rows: Mapping[str, Sequence[Row]]
    next_ids: Mapping[str, int]

    @property
    def name(self) -> str:
        """The name of the world that it grew from."""
        return next((str(row[0]) for row in self.rows["origin"]), "")

    @property
    def seed(self) -> int:
        """No seed has made it."""
        return 0

    @property
    def users(self) -> Iterable[Row]:
        """The rows of the users."""
        return self.rows["users"]

    @property
    def groups(self) -> Iterable[Row]:
        """The rows of the groups."""
        return self.rows["groups"]

    @property
    def messages(self) -> Iterable[Row]:
        """The rows of the messages; without a length, for what is here is in memory anyway."""
        return (row for row in self.rows["messages"])

    @property
    def copies(self) -> Iterable[Row]:
        """The rows of the copies."""
        return self.rows["copies"]


def read(conn: Connection) -> StateDump:
    """All that the database behind `run` holds; let nobody write the while."""
    rows = {
        table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
        for table in schema.metadata.sorted_tables
    }
    next_ids = {table.name: backends.next_number(conn, table) for table in _NUMBERED}
    return StateDump(rows, next_ids)


def write(conn: Connection, everything: StateDump) -> None:
    """Replace all that the database behind `run`, which is in a transaction, holds."""
    for table in schema.metadata.sorted_tables:
        conn.execute(delete(table))
        columns = tuple(column.name for column in table.columns)
        backends.insert_many(conn, table, columns=columns, rows=everything.rows[table.name])
    for table in _NUMBERED:
        backends.set_next_number(conn, table, everything.next_ids[table.name])


def counts(conn: Connection) -> tuple[int, int, int]:
    """How many users, groups and messages there are; what is erased is no message."""
    users = select(func.count()).select_from(schema.users).scalar_subquery()
    groups = select(func.count()).select_from(schema.groups).scalar_subquery()
    messages = select(func.count()).where(schema.messages.c.erased.is_(False)).scalar_subquery()
    row = conn.execute(select(users, groups, messages)).one()
    return row[0], row[1], row[2]


def name(conn: Connection) -> str:
    """The name of the world that the state grew from."""
    return conn.execute(select(schema.origin.c.world)).scalar() or ""
