"""The format of a state: which tables it has, by number; a state of another format is refused.

The columns are compared as well, since a number only says what somebody meant to raise.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store import backends, copy_counts, unread_copies
from duologue.mockserver.store.schema import metadata

FORMAT = 1  # raise it with every change of the tables; tests/.../test_state_format.py asks for it
_OWN_TABLE = "origin"  # in every state of a mock; the others have names that others use, too
_SAVE = (
    "Start that version, save GET /_mock/world?format=yaml to a file, and start this one with"
    " --world FILE and another --state"
)


def expect_sessions(url: str, connection: Connection) -> None:
    """Raise StateUnusable for a pooler of transactions, before anything is set or locked there."""
    if not backends.keeps_sessions(connection):
        raise StateUnusable(
            url,
            "a pooler in front of it gives the session of one client to another. Let each client"
            " keep its own (pool_mode = session in PgBouncer), or name the server itself",
        )


def open_tables(url: str, connection: Connection) -> None:
    """Create the tables of a new state; check those of an old one, and number them.

    A state without a number, as versions before the first number wrote it, is taken if it has the
    same columns. Raise StateUnusable, having changed nothing, for the tables of another format or
    of another program, and for a database that cannot hold any text.
    """
    if backends.columns(connection, _OWN_TABLE):
        _expect_this_format(url, connection)
    if connection.dialect.name == "postgresql":
        _expect_ours(url, connection)
        _expect_any_text(url, connection)
    backends.create_tables(metadata, connection)
    copy_counts.create(connection)
    unread_copies.create(connection)
    mark(connection)


def mark(connection: Connection) -> None:
    """Write the format's number into a state that has all tables, unless it is there."""
    if backends.format_number(connection, _OWN_TABLE) != FORMAT:
        backends.set_format_number(connection, _OWN_TABLE, FORMAT)


def _expect_this_format(url: str, connection: Connection) -> None:
    number = backends.format_number(connection, _OWN_TABLE)
    if number > FORMAT:
        raise StateUnusable(
            url,
            f"a newer version of duologue has written it (format {number}, and this version reads"
            f" up to {FORMAT}). Install that version: pip install --upgrade duologue; or name"
            " another --state",
        )
    for table in metadata.tables.values():
        there = backends.columns(connection, table.name)
        ours = {column.name for column in table.columns}
        if there and there != ours:
            names = ", ".join(sorted(there ^ ours))
            raise StateUnusable(
                url,
                f"another version of duologue has written it (format {number}, not {FORMAT};"
                f" table {table.name}, columns {names}). {_SAVE}",
            )


def _expect_ours(url: str, connection: Connection) -> None:
    there, ours = backends.table_names(connection), set(metadata.tables)
    if there and not there >= ours:
        raise StateUnusable(url, "it is the database of something else; name one that is empty")


def _expect_any_text(url: str, connection: Connection) -> None:
    encoding = backends.encoding(connection)
    if encoding != "UTF8":
        raise StateUnusable(
            url,
            f"its encoding is {encoding}, which cannot hold every text. Name a database made with"
            " CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
        )
