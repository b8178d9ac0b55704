"""The whole state as plain values in an order that depends on nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Filters
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.listing import Listing
from duologue.mockserver.store.members import members
from duologue.mockserver.store.tags import unpack

Picture = dict[str, dict[str, Any]]
_ALL = 2**31


def take(conn: Connection) -> Picture:
    """Return everything that clients can observe: users, groups, messages, and what is read.

    Traces that no answer shows are left out, such as the ids of erased messages.
    """
    return {
        "users": {each["uid"]: each for each in _table(conn, schema.users)},
        "groups": {
            each["guid"]: each | {"members": _members(conn, each["guid"])}
            for each in _table(conn, schema.groups)
        },
        "messages": {
            str(each["id"]): each for each in _table(conn, schema.messages) if not each["erased"]
        },
        "copies": dict(_copies(conn)),
    }


def differences(before: Picture, after: Picture) -> list[str]:
    """Return a line for each difference between two dumps."""
    return [
        f"{section} {name}: {old!r} became {new!r}"
        for section in before
        for name in sorted({*before[section], *after[section]})
        if (old := before[section].get(name)) != (new := after[section].get(name))
    ]


def _table(conn: Connection, table: Any) -> Iterator[dict[str, Any]]:
    for row in conn.execute(select(table).order_by(*table.primary_key)).mappings().all():
        values = dict(row)
        if "tags" in values:
            values["tags"] = unpack(values["tags"])
        yield values


def _members(conn: Connection, guid: str) -> dict[str, str]:
    page = members(conn, guid, per_page=_ALL, number=1)
    return {each.user.uid: each.scope for each in page.items}


def _copies(conn: Connection) -> Iterator[tuple[str, Any]]:
    page = Listing(Criteria()).page(conn, None, wanted=Filters(), per_page=_ALL, number=1)
    for copy in page.items:
        last = copy.last_message
        yield (
            f"{copy.owner} {copy.kind} {copy.peer}",
            {
                "unread_count": copy.unread_count,
                "last_message": last.id if last and last.deleted_at is None else None,
                "created_at": copy.created_at,
                "updated_at": copy.updated_at,
                "tags": copy.tags,
            },
        )
