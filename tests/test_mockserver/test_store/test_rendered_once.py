"""A part that is rendered once says the same in each statement that has it."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from duologue.mockserver.store import schema
from duologue.mockserver.store.rendered_once import RenderedOnce

COPY, BLOCK = schema.copies.alias("own"), schema.blocks.alias()
IS_BLOCKED = exists().where(BLOCK.c.uid == COPY.c.uid, BLOCK.c.blocked == COPY.c.peer)


def text(statement, dialect=sqlite) -> str:
    return " ".join(str(statement.compile(dialect=dialect.dialect())).split())


def test_it_names_the_tables_of_the_statement_around_it():
    """As the part itself does there: alone it would select from them itself."""
    once = RenderedOnce(and_(~IS_BLOCKED))
    for columns in ((COPY.c.uid,), (COPY.c.uid, COPY.c.peer)):
        usual = select(*columns).where(~IS_BLOCKED)

        assert text(select(*columns).where(once)) == text(usual)


def test_its_constants_stand_in_the_text_and_the_values_around_it_are_bound():
    once = RenderedOnce(case((COPY.c.kind == literal("it's"), 1), else_=0).label("one"), COPY.c.uid)
    statement = select(once, COPY.c.peer).where(COPY.c.uid == bindparam("caller"))
    compiled = statement.compile(dialect=sqlite.dialect())

    assert [*compiled.params] == ["caller"]
    assert "CASE WHEN (own.kind = 'it''s') THEN 1 ELSE 0 END AS one, own.uid, own.peer" in " ".join(
        str(compiled).split()
    )


def test_it_is_rendered_once_for_each_kind_of_database():
    once = RenderedOnce(COPY.c.tags.contains("a"))
    by_dialect = {d: text(select(COPY.c.uid).where(once), d) for d in (sqlite, postgresql)}

    assert {*once.rendered} == {"sqlite", "postgresql"}
    once.parts = (COPY.c.uid == "other",)
    for dialect, before in by_dialect.items():
        assert text(select(COPY.c.uid).where(once), dialect) == before
