"""Changes that wait for the next statement are executed in their order, once or not at all."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from sqlalchemy import bindparam, func, literal_column, select

from duologue.mockserver.store import schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.store import Store

_tokens = schema.tokens
_PUT = PreparedStatement(
    _tokens.insert().values(token=bindparam("said"), uid="ana", created_at=bindparam("at"))
)
_ALL = PreparedStatement(select(_tokens.c.token).order_by(_tokens.c.id))
COUNT = select(func.count()).select_from(_tokens)


@pytest.fixture
def store(postgres):
    with closing(Store(postgres.empty(95))) as store:
        yield store


def put(conn, *texts: str) -> None:
    for text in texts:
        _PUT.change(conn, {"said": text, "at": 1})


def kept(store) -> list[str]:
    return [row[0] for row in _ALL.all(store.reading(), {})]


def test_a_statement_sees_the_changes_before_it(store):
    """A prepared one as well as one of SQLAlchemy; and the end of the transaction has them all."""
    with store.writing() as conn:
        put(conn, "one", "two")
        prepared = _ALL.all(conn, {})
        put(conn, "three")
        counted = conn.execute(COUNT).scalar_one()
        put(conn, "four")

    assert prepared == [("one",), ("two",)]
    assert counted == 3
    assert kept(store) == ["one", "two", "three", "four"]


def test_what_waits_when_a_transaction_fails_is_never_executed(store):
    with pytest.raises(ZeroDivisionError), store.writing() as conn:
        put(conn, "one")
        put(conn, str(1 // 0))
    with store.writing() as conn:
        put(conn, "two")

    assert kept(store) == ["two"]


@pytest.mark.parametrize("by", ["a statement", "SQLAlchemy", "the end"])
def test_the_error_of_a_change_is_raised_by_what_follows(store, by):
    """As itself, not as that of a pipeline; the transaction is undone, and the next one goes on."""
    errors = pytest.importorskip("psycopg.errors")
    with pytest.raises(Exception, match="duplicate key") as caught, store.writing() as conn:
        put(conn, "one", "one", "three")
        if by == "a statement":
            _ALL.all(conn, {})
        elif by == "SQLAlchemy":
            conn.execute(COUNT)
    cause = getattr(caught.value, "orig", caught.value)  # SQLAlchemy has an error of its own
    assert isinstance(cause, errors.UniqueViolation)
    with store.writing() as conn:
        put(conn, "two")

    assert kept(store) == ["two"]


def test_a_change_outside_of_a_transaction_is_made_at_once(store):
    put(store.reading(), "one")

    with closing(Store(store.url)) as other:
        assert kept(other) == ["one"]


def test_a_transaction_without_a_statement_asks_the_server_nothing(store):
    """As that of a request that is refused by what it says."""
    errors = pytest.importorskip("psycopg")
    with store.writing() as conn:
        status = conn.info["driver"].info.transaction_status
    with pytest.raises(ZeroDivisionError), store.writing() as conn:
        raise ZeroDivisionError

    assert status == errors.pq.TransactionStatus.IDLE
    assert conn.info["driver"].info.transaction_status == status
    assert not conn.info["pg"].is_in_transaction


def test_a_connection_that_is_lost_is_told_once(store, postgres, caplog):
    """By its error, without tracebacks of libraries in between; the next transaction goes on."""
    errors = pytest.importorskip("psycopg")
    store.renew()  # the first one has opened the tables, in a transaction of SQLAlchemy

    with pytest.raises(errors.OperationalError) as caught, store.writing() as conn:
        put(conn, "one")
        _ALL.all(conn, {})
        postgres.end_connections(95)
        put(conn, "two", "three")
    assert store.unavailable(caught.value).is_lost
    with store.writing() as conn:
        put(conn, "four")
    store.close()

    assert kept(store) == ["four"]
    assert caplog.records == []


def test_a_connection_that_is_lost_by_who_is_alone_is_told_as_such(store, postgres):
    """Not as what it could not unlock any more."""
    with pytest.raises(Exception, match="connection") as caught, store.alone() as conn:
        postgres.end_connections(95)
        conn.execute(COUNT)

    assert store.unavailable(caught.value).is_lost
    put(store.reading(), "one")
    assert kept(store) == ["one"]


def test_statements_larger_than_what_a_socket_holds_are_sent_whole(store):
    """The server reads them while it answers those before them."""
    long = "x" * 3_000_000
    with store.writing() as conn:
        info = conn.info
        info["run"](b"CREATE TEMPORARY TABLE large (body TEXT)")
        for number in range(3):
            info["change"](b"INSERT INTO large VALUES ($1::TEXT)", [f"{long}{number}"])
        sizes = info["run"](b"SELECT length(body) FROM large").fetchall()

    assert sizes == [(len(long) + 1,)] * 3


def test_a_statement_that_waits_lets_others_run_and_ends_with_its_connection(store):
    """As at the end of the server: closing must not wait for a lock, nor crash what waits."""
    errors = pytest.importorskip("psycopg")
    waiting, failures = threading.Event(), []

    def wait() -> None:
        conn = store.reading()
        waiting.set()
        try:
            conn.info["run"](b"SELECT pg_sleep(600)")
        except errors.OperationalError as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    store.close()
    thread.join(60)

    assert len(failures) == 1
    assert not thread.is_alive()


def test_a_value_of_each_kind_comes_back(store):
    """Numbers beyond 64 bits are refused by the server, and the connection goes on."""
    errors = pytest.importorskip("psycopg.errors")
    run = store.reading().info["run"]
    echo = b"SELECT $1::BIGINT, $2::TEXT, $3::BOOLEAN, $4::TEXT"

    assert run(echo, [-(2**63), "\n'\\$1", True, None]).fetchall() == [
        (-(2**63), "\n'\\$1", True, None)
    ]
    with pytest.raises(errors.NumericValueOutOfRange):
        run(echo, [2**63, "", False, None])
    assert run(echo, [0, "", False, None]).fetchall() == [(0, "", False, None)]


def test_a_value_that_has_no_form_leaves_nothing_behind(store):
    """Neither the change before it is made, nor does the next transaction find it."""
    with pytest.raises(UnicodeEncodeError), store.writing() as conn:
        put(conn, "one", "\ud800")
        _ALL.all(conn, {})
    with store.writing() as conn:
        put(conn, "two")

    assert kept(store) == ["two"]


def test_a_connection_that_was_interrupted_is_not_used_any_more(store, monkeypatch):
    """As by Ctrl-C: the results of what was sent would be taken for those of the next."""
    pg_statements = pytest.importorskip("duologue.mockserver.store.pg_statements")

    def interrupt(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.writing() as conn:
        put(conn, "one")
        with monkeypatch.context() as patched:
            patched.setattr(pg_statements.PgStatements, "_received", interrupt)
            _ALL.all(conn, {})
    with store.writing() as conn:
        put(conn, "two")

    assert kept(store) == ["two"]
    assert store.reading() is conn


def test_what_psycopg_deallocates_is_its_own(store):
    """It prepares what is executed with many values, and deallocates everything after an ALTER."""
    rows = [{"token": str(number), "uid": "ana", "created_at": 1} for number in range(3)]
    with store.writing() as conn:
        put(conn, "one")
        conn.execute(_tokens.insert().returning(_tokens.c.id), rows)
        conn.connection.driver_connection.cursor().executemany("SELECT %s::int", [(1,), (2,)])
        conn.exec_driver_sql("ALTER TABLE tokens DISABLE TRIGGER USER")
        conn.exec_driver_sql("ALTER TABLE tokens ENABLE TRIGGER USER")
        conn.exec_driver_sql("SELECT 1")
    with store.writing() as conn:
        put(conn, "two")

    assert kept(store) == ["one", "0", "1", "2", "two"]


def test_no_statement_is_one_that_a_pooler_gives_to_a_standby(store):
    """Pgpool-II did so, and lists lacked the last change; it looks at how a statement begins."""
    planned = PreparedStatement(select(literal_column("statement FROM pg_prepared_statements")))
    reading = store.reading()
    kept(store)

    statements = [row[0] for row in planned.all(reading, {})]
    statements.append(reading.execute(select(func.current_query())).scalar_one())
    statements.append(reading.exec_driver_sql("SELECT current_query()").scalar_one())

    assert len(statements) > 3
    assert all(each.startswith("/*NO LOAD BALANCE*/ SELECT ") for each in statements)
