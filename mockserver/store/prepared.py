"""Statements compiled once, for the queries of every request.

To run a statement again, SQLAlchemy takes 40 us more than the database driver, twice the cost of
the query itself. So frequent statements go to the driver directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
Row = tuple[Any, ...]


class PreparedStatement:
    """One statement, compiled once for each kind of database; rows are plain tuples.

    Raise KeyError for a missing value.
    """

    __slots__ = ("_columns", "_compiled", "_statement")

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        """Take a statement; for an insert, `columns` are those that get values."""
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, tuple[str | bytes, Callable[[Values], Any]]] = {}

    def run(self, connection: Connection, values: Values) -> Any:
        """Execute the statement and return the driver's cursor, valid until the next statement."""
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        return connection.info["run"](compiled[0], compiled[1](values))

    def change(self, connection: Connection, values: Values) -> None:
        """Execute a change whose outcome nobody looks at.

        PostgreSQL may get it with the next statement of the transaction, which then raises the
        errors of both.
        """
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        connection.info["change"](compiled[0], compiled[1](values))

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """Return all rows."""
        info = connection.info  # each look for it takes 0.2 us
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        rows: list[Row] = info["run"](compiled[0], compiled[1](values)).fetchall()
        plain = info["plain"]
        return rows if plain is None else plain(rows)

    def first(self, connection: Connection, values: Values) -> Row | None:
        """Return the first row or None; read to the end, since an open cursor pins the WAL."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def value(self, connection: Connection, values: Values) -> Any:
        """Return the first column of the first row; None if there is no row."""
        row = self.first(connection, values)
        return row[0] if row else None

    def _compile(self, connection: Connection) -> tuple[str | bytes, Callable[[Values], Any]]:
        dialect, is_sqlite = connection.dialect, connection.dialect.name == "sqlite"
        if not is_sqlite:
            of_server: Any = type(dialect)
            dialect = of_server(paramstyle="numeric_dollar")  # the form that the server knows
        statement: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        order = statement.positiontup or ()
        needed = {name for bind, name in statement.bind_names.items() if bind.required}
        constants = {name: value for name, value in statement.params.items() if name not in needed}
        bind: Callable[[Values], Any]
        if not constants:
            bind = lambda values: [values[name] for name in order]  # noqa: E731
        else:
            bind = lambda values: [  # noqa: E731
                values[name] if name in needed else constants[name] for name in order
            ]
        text = str(statement)
        entry = self._compiled[dialect.name] = (text if is_sqlite else text.encode(), bind)
        return entry
