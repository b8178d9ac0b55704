"""Conversion of rows to domain values; each column tuple is in the field order of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from duologue.mockserver.domain.model import Group, Message, User
from duologue.mockserver.store.tags import unpack

USER_FIELDS = (
    "uid", "name", "created_at", "avatar", "link", "role", "status_message", "metadata", "tags",
    "updated_at", "deactivated_at", "status", "last_active_at",
)  # fmt: skip
GROUP_FIELDS = (
    "guid", "name", "type", "created_at", "owner", "icon", "description", "metadata", "tags",
    "updated_at", "members_count", "password",
)  # fmt: skip
MESSAGE_FIELDS = (
    "id", "conversation_id", "seq", "kind", "sender", "receiver", "text", "sent_at", "category",
    "type", "metadata", "updated_at", "deleted_at", "deleted_by", "delivered_at",
    "read_at", "edited_at", "edited_by", "parent_id", "muid", "tags", "content", "mentions",
)  # fmt: skip
_USER_TAGS = USER_FIELDS.index("tags")
_GROUP_TAGS = GROUP_FIELDS.index("tags")

Values = Sequence[Any]


def columns(table: FromClause, names: Sequence[str], prefix: str = "") -> list[ColumnElement[Any]]:
    """Return the named columns of `table`, labelled so that tables of one query do not collide."""
    return [table.c[name].label(f"{prefix}{name}") if prefix else table.c[name] for name in names]


def to_user(values: Values) -> User | None:
    """Return the user of a part of a row; None if an outer join found none."""
    if values[0] is None:
        return None
    fields = list(values)
    fields[_USER_TAGS] = unpack(fields[_USER_TAGS])
    return User(*fields)


def to_group(values: Values) -> Group | None:
    """Return the group of a part of a row; None if an outer join found none."""
    if values[0] is None:
        return None
    fields = list(values)
    fields[_GROUP_TAGS] = unpack(fields[_GROUP_TAGS])
    return Group(*fields)


def to_message(values: Values) -> Message | None:
    """Return the message of a part of a row; None if an outer join found none."""
    return None if values[0] is None else Message(*values)
