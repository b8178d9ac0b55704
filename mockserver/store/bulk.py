"""Many rows at once, and the numbers that follow them, in the way of each database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from sqlalchemy import MetaData, Table, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

_BLOCK = 400  # rows of one statement; SQLite takes 32,766 values, and no table has 81 columns
Row = Sequence[Any]


@contextmanager
def without_triggers(connection: Connection, names: Mapping[str, str]) -> Iterator[None]:
    """Do not execute the triggers, given with their tables, in the block of a transaction.

    PostgreSQL only: there a trigger takes longer than to copy a row. A failed transaction has its
    triggers again.
    """
    triggers = {} if connection.dialect.name == "sqlite" else names
    for trigger, of in triggers.items():
        connection.exec_driver_sql(f"ALTER TABLE {of} DISABLE TRIGGER {trigger}")
    yield
    for trigger, of in triggers.items():
        connection.exec_driver_sql(f"ALTER TABLE {of} ENABLE TRIGGER {trigger}")


@contextmanager
def loading(connection: Connection, tables: MetaData) -> Iterator[None]:
    """Configure a new SQLite file for the rows of the block, all or nothing.

    A failure leaves a broken file: nothing is written twice for safety, and indexes are built at
    the end.
    """
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-64000", "threads=2"):
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    connection.exec_driver_sql("BEGIN")
    for table in tables.sorted_tables:
        connection.execute(CreateTable(table))
    yield
    for index in (index for table in tables.sorted_tables for index in table.indexes):
        connection.execute(CreateIndex(index))
    connection.exec_driver_sql("COMMIT")


def insert_many(
    connection: Connection, table: Table, *, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Insert rows of plain values without SQLAlchemy's processing of each value.

    That costs 3 us a row instead of 5 to 10, which is seconds for a world of a million messages.
    """
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(table.name)} ({', '.join(map(quote, columns))})"
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        _insert_blocks(driver, target, width=len(columns), rows=rows)
        return
    connection.info["pg"].flush()
    with driver.cursor().copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_blocks(driver: Any, target: str, *, width: int, rows: Iterable[Row]) -> None:
    """Insert many rows with one statement, since its own cost is half of all."""
    marks = f"({', '.join('?' * width)})"
    one = f"INSERT INTO {target} VALUES {marks}"  # noqa: S608  names are ours
    many = f"{one}{f', {marks}' * (_BLOCK - 1)}"
    waiting = iter(rows)
    while len(block := list(islice(waiting, _BLOCK))) == _BLOCK:
        driver.execute(many, list(chain.from_iterable(block)))
    driver.executemany(one, block)


def continue_numbers(connection: Connection, *tables: Table) -> None:
    """Let the next id of each table follow the largest; explicit ids move no sequence."""
    if connection.dialect.name == "sqlite":
        return
    for table in tables:
        connection.execute(
            select(
                func.setval(
                    func.pg_get_serial_sequence(table.name, "id"),
                    select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery(),
                    select(func.count() > 0).select_from(table).scalar_subquery(),
                )
            )
        )


def note_sizes(connection: Connection) -> None:
    """Update the statistics of the planner; PostgreSQL itself does so every minute."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("ANALYZE")


def next_number(connection: Connection, table: Table) -> int:
    """Return the id of the next row of the table."""
    if connection.dialect.name == "sqlite":
        used = text("SELECT seq + 1 FROM sqlite_sequence WHERE name = :name")
    else:
        sequence = select(func.pg_get_serial_sequence(table.name, "id"))
        name = connection.execute(sequence).scalar_one()
        used = text(f"SELECT last_value + is_called::int FROM {name}")  # noqa: S608  its own name
    return connection.execute(used, {"name": table.name}).scalar() or 1


def set_next_number(connection: Connection, table: Table, number: int) -> None:
    """Set the id of the next row of the table."""
    if connection.dialect.name != "sqlite":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, number, False)))
        return
    name = {"name": table.name, "used": number - 1}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), name)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :used)"), name)
