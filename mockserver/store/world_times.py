"""Moving all times of a world that was just loaded, so that it looks like an app of today.

The times of a world follow from its seed alone; what is moved keeps every distance between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.engine import Connection

from duologue.mockserver.store import schema

_messages = schema.messages.c
_ACTIONS = "SELECT id, metadata FROM messages WHERE category = 'action'"
_IN_ACTIONS = frozenset({"createdAt", "updatedAt", "joinedAt", "lastActiveAt", "sentAt"})


def move(conn: Connection, *, newest_at: int) -> None:
    """Move all times by the same seconds, so that the last of them is `newest_at`.

    Times are in UNIX seconds. A world of later times, or without any, stays as it is.
    The statements are text, since this is part of each start: SQLAlchemy took three times as long.
    """
    last = conn.exec_driver_sql(_last()).scalar_one()
    by_s = 0 if last is None else newest_at - last
    if by_s <= 0:
        return
    for statement in _statements(by_s):
        conn.exec_driver_sql(statement)
    for number, told in conn.exec_driver_sql(_ACTIONS).all():
        if told is not None:
            moved = orjson.dumps(_told_moved(orjson.loads(told), by_s)).decode()
            values = {_messages.metadata: moved}
            conn.execute(update(schema.messages).where(_messages.id == number).values(values))


def _columns() -> Iterator[tuple[str, list[str]]]:
    """Yield each table with the columns in which it has times."""
    for table in schema.metadata.sorted_tables:
        names = [one.name for one in table.c if one.name.endswith("_at")]
        if names:
            yield table.name, names


def _last() -> str:
    """Return the statement that finds the last time of all."""
    each = (
        f'SELECT max({name}) AS last FROM "{table}"'  # noqa: S608  names of ours
        for table, names in _columns()
        for name in names
    )
    return f"SELECT max(last) FROM ({' UNION ALL '.join(each)}) AS every"  # noqa: S608  as above


def _statements(by_s: int) -> Iterator[str]:
    """Yield an UPDATE for each table with times; 0 stands for no time of its own."""
    for table, names in _columns():
        moved = (f"{one} = {one} + CASE WHEN {one} > 0 THEN {by_s} ELSE 0 END" for one in names)
        yield f'UPDATE "{table}" SET {", ".join(moved)}'  # noqa: S608  names of ours


def _told_moved(told: Any, by_s: int) -> Any:
    """Return what an action message tells of users and groups, its times moved."""
    if isinstance(told, list):
        return [_told_moved(one, by_s) for one in told]
    if not isinstance(told, dict):
        return told
    return {
        name: value + by_s
        if name in _IN_ACTIONS and type(value) is int
        else _told_moved(value, by_s)
        for name, value in told.items()
    }
