"""Any text comes back from PostgreSQL as it was stored, by either way of asking."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import bindparam, select

from duologue.mockserver.store import schema
from duologue.mockserver.store.prepared import PreparedStatement
from duologue.mockserver.store.store import Store

TEXTS = ["", "plain", "a\0b", "\0", "\x1a", "\x1a0", "\x1a1", "a\x1a\0\x1a1z", "ß\0😀"]
_PUT = PreparedStatement(
    schema.tokens.insert().values(
        token=bindparam("said"), uid=bindparam("who"), created_at=bindparam("at")
    )
)
_ALL = PreparedStatement(select(schema.tokens.c.token).order_by(schema.tokens.c.id))


def test_text_is_kept_letter_for_letter(postgres):
    with closing(Store(postgres.empty(92))) as store:
        with store.writing() as conn:
            for text in TEXTS:
                _PUT.run(conn, {"said": text, "who": "ana", "at": 1})
        conn = store.reading()

        prepared = [row[0] for row in _ALL.all(conn, {})]
        others = list(conn.execute(select(schema.tokens.c.token).order_by("id")).scalars())

    assert prepared == TEXTS
    assert others == TEXTS


def test_text_is_kept_for_a_client_of_another_encoding(postgres):
    """As the environment (PGCLIENTENCODING) or the address of the state may name one."""
    url = f"{postgres.empty(92)}&client_encoding=latin1"

    with closing(Store(url)) as store:
        with store.writing() as conn:
            _PUT.run(conn, {"said": "ß\0😀", "who": "ana", "at": 1})

        assert _ALL.all(store.reading(), {}) == [("ß\0😀",)]


def test_statements_are_planned_once_for_a_connection(postgres):
    """The server keeps the plan of what a connection executes again and again."""
    with closing(Store(postgres.empty(92))) as store:
        conn = store.reading()
        for _ in range(3):
            _ALL.all(conn, {})

        known = conn.info["driver"].execute("SELECT statement FROM pg_prepared_statements")

        assert sum("tokens.token" in row[0] for row in known.fetchall()) == 1


def test_rows_without_a_mark_stay_as_they_are(postgres):
    pytest.importorskip("psycopg")
    from duologue.mockserver.store import pg_nul_text  # noqa: PLC0415  needs the extra

    rows = [(1, "a", None), (2, "b", "c")]

    assert pg_nul_text.plain(rows) is rows
    assert pg_nul_text.plain([*rows, (3, "a\x1a0", None)]) == [*rows, (3, "a\0", None)]
