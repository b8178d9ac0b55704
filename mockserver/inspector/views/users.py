"""The users of the app, as the page lists them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.engine import Connection

from duologue.mockserver.inspector import queries
from duologue.mockserver.inspector.views.avatars import Avatar, avatar_of

PER_PAGE = 50


class UserListRow(NamedTuple):
    """A user and the user's unread count."""

    avatar: Avatar
    unread: int


class UserList(NamedTuple):
    """A page of users."""

    users: tuple[UserListRow, ...]
    total: int
    number: int
    pages: int


def user_list(conn: Connection, *, search: str, number: int) -> UserList:
    """Return a page of the users with `search` in name or uid, oldest first.

    A page beyond the last is the last.
    """
    found, total = queries.users(conn, search=search, take=PER_PAGE, skip=PER_PAGE * (number - 1))
    pages = max(1, -(-total // PER_PAGE))
    if number > pages:
        return user_list(conn, search=search, number=pages)
    unread = queries.unread_totals(conn, tuple(each.uid for each in found))
    users = tuple(
        UserListRow(avatar_of(one.uid, one.name, one.avatar), unread.get(one.uid, 0))
        for one in found
    )
    return UserList(users, total, number, pages)
