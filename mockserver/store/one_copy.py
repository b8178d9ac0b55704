"""How a prepared statement finds one user's copy of a conversation."""

from __future__ import annotations

from sqlalchemy import bindparam

from duologue.mockserver.domain.model import Copy
from duologue.mockserver.store import schema

_copies = schema.copies

IS_IT = (
    _copies.c.uid == bindparam("who"),
    _copies.c.kind == bindparam("of_kind"),
    _copies.c.peer == bindparam("with_peer"),
)


def values(copy: Copy) -> dict[str, object]:
    """Return the values that `IS_IT` compares with, for a copy."""
    return {"who": copy.owner, "of_kind": copy.kind, "with_peer": copy.peer}
