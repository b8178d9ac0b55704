"""What distinguishes SQLite and PostgreSQL; for many rows at once see `bulk`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    MetaData,
    String,
    Text,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.functions import GenericFunction

from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store.writer_turns import WITHIN_S

_POSTGRES = "postgresql+psycopg"
_FORMAT = "state of a duologue mock, format "  # and its number
# How long a connection to PostgreSQL waits for a host that is gone; systems wait a quarter of an
# hour. A host that answers late acknowledges what it gets.
_GONE_AFTER = {
    "connect_timeout": 10,
    "tcp_user_timeout": 10_000,  # ms
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# What an owner may have set for a database or a role: the mock waits for locks, and looks again at
# what it has waited for. pg_dump sets the same.
_OWN_SETTINGS = {
    "default_transaction_isolation": "'read committed'",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_SINCE_17 = {"transaction_timeout": "0"}
# Pgpool-II sends what only reads to a standby, which may not have the last change yet. It keeps
# what begins with this at the primary; for PostgreSQL it is a comment.
PRIMARY_ONLY = "/*NO LOAD BALANCE*/ "
_LOCK = 0x0D00_106E  # held by writers together, or by one process that wants to be alone
_LOCK_NAME = b"SELECT pg_advisory_xact_lock(1, hashtext($1))"
BEGIN_BESIDE_OTHERS = b"BEGIN", f"SELECT pg_advisory_xact_lock_shared({_LOCK})".encode()
# 64 bits everywhere; SQLite makes a rowid only of the very word INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")
# Names sort by code point on both engines, else pages would differ between them.
Name = String(100).with_variant(String(100, collation="C"), "postgresql")
FreeText = Text().with_variant(Text(collation="C"), "postgresql")


class Holds(GenericFunction[bool]):
    """`holds(text, part)`: whether `part` occurs in `text`, case-sensitive (LIKE is not)."""

    type = Boolean()
    inherit_cache = True
    name = "holds"


class Greater(GenericFunction[int]):
    """`greater(one, other)`: the greater of two numbers."""

    type = BigInteger()
    inherit_cache = True
    name = "greater"


@compiles(Greater, "sqlite")
def _greater_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"max({compiler.process(element.clauses, **how)})"


@compiles(Greater, "postgresql")
def _greater_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **how)})"


@compiles(Holds, "sqlite")
def _holds_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **how)}) > 0)"


@compiles(Holds, "postgresql")
def _holds_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **how)}) > 0)"


def make_engine(url: str) -> Engine:
    """Return an engine without a pool: each thread keeps its own connection (see `Store`)."""
    parsed = _parsed(url)
    try:
        engine = create_engine(
            parsed,
            poolclass=NullPool,
            # Closing undoes what was begun; to undo it before fails where the connection is lost.
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            **_options(parsed),
        )
    except ImportError as error:
        missing = "it takes the extra 'postgres': pip install 'duologue[postgres]'"
        raise StateUnusable(url, f"{missing} ({error})") from error
    except ArgumentError as error:
        raise StateUnusable(url, str(error)) from error
    if parsed.get_backend_name() != "sqlite":
        event.listen(engine, "before_cursor_execute", _before_cursor, retval=True)
    return engine


def _before_cursor(
    connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object
) -> tuple[str, Any]:
    """Let SQLAlchemy's statements follow those that wait in this transaction, and mark them."""
    statements = connection.info.get("pg")
    if statements is not None:
        statements.flush()
    return PRIMARY_ONLY + statement, parameters


def _parsed(url: str) -> URL:
    """Return the parsed URL, with our driver if PostgreSQL is named without one."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StateUnusable(url, "it is no address of a database") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername=_POSTGRES)
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", _POSTGRES}:
        raise StateUnusable(
            url,
            f"no state is kept in {parsed.drivername}; name an SQLite file or {_POSTGRES}://...",
        )
    return parsed


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite state; None for one in memory or in another database."""
    parsed = _parsed(url)
    name = parsed.database
    is_file = parsed.get_backend_name() == "sqlite" and name not in {None, "", ":memory:"}
    return Path(str(name)) if is_file else None


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # A connection is opened by one thread and closed by the one that ends the server.
        return {"connect_args": {"check_same_thread": False, "timeout": WITHIN_S}}
    # psycopg prepares nothing itself: plans made for no value in particular turned 0.2 ms of some
    # rare statements into 70 ms (measured), and after an ALTER it deallocates ours as well.
    gone_after = {name: value for name, value in _GONE_AFTER.items() if name not in url.query}
    known = {"prepare_threshold": None, "client_encoding": "utf8"}
    return {"connect_args": {**known, **gone_after}}


def create_tables(tables: MetaData, connection: Connection) -> None:
    """Create the tables that are missing, with their indexes."""
    if connection.dialect.name == "postgresql":
        # Said here and not at the table: the very word loads SQLAlchemy's whole PostgreSQL room,
        # 40 ms of a start that has to be short.
        for index in (index for table in tables.tables.values() for index in table.indexes):
            index.dialect_kwargs["postgresql_where"] = index.dialect_kwargs.get("sqlite_where")
    tables.create_all(connection)


def columns(connection: Connection, table: str) -> set[str]:
    """Return the names of a table's columns; empty if there is no such table."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"PRAGMA table_info({table})")
        return {row[1] for row in rows}
    found = text(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped"
    )
    return set(connection.execute(found, {"name": f'"{table}"'}).scalars())


def table_names(connection: Connection) -> set[str]:
    """Return the names of all tables of the database."""
    return set(inspect(connection).get_table_names())


def size_bytes(connection: Connection) -> int:
    """Return the size of an SQLite database."""
    pages, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "page_size")
    )
    return int(pages) * int(size)


def format_number(connection: Connection, table: str) -> int:
    """Return the number that `set_format_number` has written; 0 without one."""
    if connection.dialect.name == "sqlite":
        number: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        return number
    comment = text("SELECT obj_description(to_regclass(:name), 'pg_class')")
    found = str(connection.execute(comment, {"name": f'"{table}"'}).scalar() or "")
    return int(found.removeprefix(_FORMAT)) if found.removeprefix(_FORMAT).isdecimal() else 0


def set_format_number(connection: Connection, table: str, number: int) -> None:
    """Write the number of the tables' format where each engine has a place for such a thing.

    SQLite has one in the header of the file; on PostgreSQL it is the comment of a table.
    """
    connection.exec_driver_sql(
        f"PRAGMA user_version = {number}"
        if connection.dialect.name == "sqlite"
        else f"COMMENT ON TABLE {table} IS '{_FORMAT}{number}'"
    )


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Let no other process write during the block; on SQLite transactions do that."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
    unlock = f"SELECT pg_advisory_unlock({_LOCK})"
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):  # the server may be gone; the first failure is what counts
            connection.exec_driver_sql(unlock)
        raise
    connection.exec_driver_sql(unlock)


def prepare(connection: Connection, *, is_kept: bool) -> None:
    """Configure a new connection: what is committed survives the end of the process.

    A file that is kept is written to the disk itself at times; that takes half of a small write. On
    PostgreSQL, also store text with NUL. Put into `info` the `driver` and what `PreparedStatement`
    works with: `run`, which executes a statement, `change`, which may do so later, and `plain`,
    which is to be called with the rows unless it is None.
    """
    driver: Any = connection.connection.driver_connection
    connection.info.update(driver=driver, run=driver.execute, change=driver.execute, plain=None)
    if connection.dialect.name != "sqlite":
        # Imported here: it comes with the extra, and only who has a PostgreSQL needs it.
        from duologue.mockserver.store import pg_nul_text, pg_statements  # noqa: PLC0415

        settings = _OWN_SETTINGS | (_SINCE_17 if driver.info.server_version >= 170_000 else {})
        driver.execute("; ".join(f"SET {name} = {value}" for name, value in settings.items()))
        pg_nul_text.take_all(driver)
        statements = pg_statements.PgStatements(
            driver, BEGIN_BESIDE_OTHERS, prefix=PRIMARY_ONLY.encode()
        )
        connection.info.update(pg=statements, run=statements.run, change=statements.change)
        connection.info["plain"] = pg_nul_text.plain
        return
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={'NORMAL' if is_kept else 'OFF'}",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.exec_driver_sql(f"PRAGMA {pragma}")


def create_trigger(connection: Connection, name: str, *, on: str, when: str, body: str) -> None:
    """Create a trigger that executes `body` after each row of an event such as `INSERT ON users`.

    `body` and the condition `when`, which may be empty, name the row NEW and OLD.
    """
    begin = f"CREATE TRIGGER {name} AFTER {on} FOR EACH ROW"
    if connection.dialect.name == "sqlite":
        condition = f" WHEN {when}" if when else ""
        connection.exec_driver_sql(f"{begin}{condition} BEGIN {body} END")
        return
    steps = f"IF {when} THEN {body} END IF;" if when else body  # its WHEN allows no subquery
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {steps} RETURN NULL; END $$"
    )
    connection.exec_driver_sql(f"{begin} EXECUTE FUNCTION {name}()")


@contextmanager
def all_or_nothing(connection: Connection) -> Iterator[None]:
    """Execute a block that changes tables in one transaction, that of the caller if there is one.

    On SQLite no other process writes meanwhile.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction if is_sqlite else connection.info["pg"].is_in_transaction:
        yield
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def begin(connection: Connection) -> None:
    """Begin a transaction that sees its own changes, to be undone with `roll_back`."""
    if connection.dialect.name == "sqlite":
        connection.info["driver"].execute("BEGIN")
    else:
        connection.info["pg"].run(b"BEGIN")


def begin_writing(connection: Connection) -> None:
    """Begin a transaction that will write; on SQLite it is the only one until it ends.

    On PostgreSQL its first statement waits for a process that excludes all others.
    """
    if connection.dialect.name == "sqlite":
        connection.info["driver"].execute("BEGIN IMMEDIATE")
    else:
        connection.info["pg"].begin()


def commit(connection: Connection) -> None:
    """Commit what was begun with `begin_writing`; undo it if that fails, as on a full disk."""
    try:
        if connection.dialect.name == "sqlite":
            connection.info["driver"].execute("COMMIT")
        else:
            connection.info["pg"].commit()
    except Exception:
        with suppress(Exception):
            roll_back(connection)
        raise


def roll_back(connection: Connection) -> None:
    """Undo the transaction that was begun."""
    if connection.dialect.name == "sqlite":
        connection.info["driver"].execute("ROLLBACK")
    else:
        connection.info["pg"].roll_back()


def encoding(connection: Connection) -> str:
    """Return the encoding of the text of a PostgreSQL database."""
    return str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())


def keeps_sessions(connection: Connection) -> bool:
    """Return whether a connection to PostgreSQL stays with one session of the server.

    One to a pooler may not: then the next client gets the session that a transaction has left. A
    second connection is made to a pooler alone: a role may be allowed only one.
    """
    driver: Any = connection.connection.driver_connection
    session = _session(connection)
    if session == driver.info.backend_pid:  # a pooler names one of its own
        return True
    with connection.engine.connect() as other:
        other.exec_driver_sql("BEGIN")
        _session(other)
        is_kept = _session(connection) == session
        other.exec_driver_sql("ROLLBACK")
    return is_kept


def _session(connection: Connection) -> int:
    number: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return number


def takes_changes(connection: Connection) -> bool:
    """Return whether a PostgreSQL takes changes: one that follows another takes none."""
    if connection.dialect.name == "sqlite":
        return True
    found = connection.exec_driver_sql("SHOW transaction_read_only").scalar_one()
    return str(found) == "off"


def filled(sql: str, words: Mapping[str, str]) -> str:
    """Return SQL with what its words in capitals stand for."""
    for word, meaning in words.items():
        sql = sql.replace(word, meaning)
    return sql


def is_open(connection: Connection) -> bool:
    """Return whether a connection to PostgreSQL is not known to have been ended by the server."""
    if connection.invalidated:
        return False
    is_there: bool = connection.info["pg"].is_open
    return is_there


def keeps_one_writer(connection: Connection) -> bool:
    """Return whether a writing transaction excludes others, so that no row needs a lock."""
    return connection.dialect.name == "sqlite"


def lock_name(connection: Connection, name: str) -> None:
    """Lock a name until the transaction ends; wait for others that have locked it.

    PostgreSQL only: there is no row to lock for what does not exist yet.
    """
    connection.info["run"](_LOCK_NAME, [name])
