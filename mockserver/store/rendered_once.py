"""Parts of statements that SQLAlchemy renders once, for all statements that have them.

To build and to render the statement of a list takes 10 ms, most of it for parts that all lists
have; the tests of a client meet fifty combinations of filters.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ClauseElement, TextClause
from sqlalchemy.ext.compiler import compiles


class RenderedOnce(TextClause):
    """One or more parts without values of a request, separated by commas.

    Their text is kept, so the tables that they name must have the same names in each statement:
    aliases with a name.
    """

    inherit_cache = False

    def __init__(self, *parts: ClauseElement) -> None:
        super().__init__("")
        self.parts = parts
        self.rendered: dict[str, str] = {}  # by dialect


@compiles(RenderedOnce)
def _render(element: RenderedOnce, compiler: Any, **how: Any) -> str:
    dialect = compiler.dialect.name
    found = element.rendered.get(dialect)
    if found is None:
        how["literal_binds"] = True  # constants: a value would be bound in the first statement only
        parts = (compiler.process(part, **how) for part in element.parts)
        found = element.rendered[dialect] = ", ".join(parts)
    return found
